package store_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"landed/internal/auth"
	"landed/internal/fault"
	"landed/internal/store"
	"landed/internal/testkit"
)

// people makes an admin (1) and a colleague of each other role (2 viewer, 3 staff, 4 manager).
func people(t *testing.T, st *store.Store) {
	t.Helper()
	for _, a := range []store.NewAccount{
		{Email: "maya@fern.example", Name: "Maya", Role: auth.Admin, PasswordHash: "h1"},
		{Email: "vera@fern.example", Name: "Vera", Role: auth.Viewer, PasswordHash: "h2"},
		{Email: "tom@fern.example", Name: "Tom", Role: auth.Staff, PasswordHash: "h3"},
		{Email: "priya@fern.example", Name: "Priya", Role: auth.Manager, PasswordHash: "h4"},
	} {
		if _, err := st.CreateAccount(t.Context(), store.By{Name: "command line"}, a); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFirstAdminOnce(t *testing.T) {
	st, clock := open(t)
	if err := st.IssueSetup(t.Context(), "token", clock.Now().Add(30*time.Minute)); err != nil {
		t.Fatal(err)
	}
	var made, refused atomic.Int64
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			_, err := st.CreateFirstAdmin(t.Context(), store.By{}, store.NewAccount{Email: fmt.Sprintf("a%d@x.example", i), Name: "A", PasswordHash: "h"}, "token")
			switch {
			case err == nil:
				made.Add(1)
			case fault.Is(err, fault.NotFound):
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	if made.Load() != 1 || refused.Load() != 49 {
		t.Errorf("%d made, %d refused", made.Load(), refused.Load())
	}
	if got := testkit.Rows(t, st, `SELECT role, epoch FROM account`); got != "admin | 1" {
		t.Error(got)
	}
	if ok, err := st.Installed(t.Context()); !ok || err != nil {
		t.Error("no installed mark", err)
	}
}

func TestSetupStaysClosedWithoutAccounts(t *testing.T) {
	st, clock := open(t)
	later := clock.Now().Add(30 * time.Minute)
	if _, err := st.ConfigOr(t.Context(), "installed", "yes"); err != nil { // a restore that lost the accounts
		t.Fatal(err)
	}
	if err := st.IssueSetup(t.Context(), "token", later); err != nil {
		t.Fatal(err)
	}
	_, err := st.CreateFirstAdmin(t.Context(), store.By{}, store.NewAccount{Email: "a@x.example", Name: "A"}, "token")
	if !fault.Is(err, fault.NotFound) {
		t.Error(err)
	}
	if got := testkit.Rows(t, st, `SELECT COUNT(*) FROM account`); got != "0" {
		t.Error(got, "accounts")
	}
}

func TestSetupTokens(t *testing.T) {
	st, clock := open(t)
	ctx := t.Context()
	a := store.NewAccount{Email: "a@x.example", Name: "A", PasswordHash: "h"}
	_ = st.IssueSetup(ctx, "first", clock.Now().Add(30*time.Minute))
	_ = st.IssueSetup(ctx, "second", clock.Now().Add(30*time.Minute))
	for _, token := range []string{"first", "", "wrong"} {
		if _, err := st.CreateFirstAdmin(ctx, store.By{}, a, token); !fault.Is(err, fault.NotFound) {
			t.Errorf("token %q: %v", token, err)
		}
	}
	clock.Forward(30 * time.Minute)
	if _, err := st.CreateFirstAdmin(ctx, store.By{}, a, "second"); !fault.Is(err, fault.NotFound) {
		t.Error("expired token:", err)
	}
	people(t, st)
	_, err := st.IssuePassword(ctx, admin, 2, "for-a-password", clock.Now().Add(time.Hour))
	if _, err2 := st.CreateFirstAdmin(ctx, store.By{}, a, "for-a-password"); err != nil || !fault.Is(err2, fault.NotFound) {
		t.Error("a token of another purpose was taken:", err, err2)
	}
	if _, err := st.OneOff(ctx, "for-a-password"); err != nil {
		t.Error("a refused use spent the token:", err)
	}
}

func TestLastAdminStays(t *testing.T) {
	st, _ := open(t)
	people(t, st)
	ctx := t.Context()
	if _, err := st.SetRole(ctx, admin, 1, auth.Manager); !fault.Is(err, fault.Conflict) {
		t.Error("demoted:", err)
	}
	if _, err := st.SetDisabled(ctx, admin, 1, true); !fault.Is(err, fault.Conflict) {
		t.Error("disabled:", err)
	}
	if got := testkit.Rows(t, st, `SELECT role, disabled, epoch FROM account WHERE id = 1`); got != "admin | 0 | 1" {
		t.Error(got)
	}
	// Two admins demote each other at once: one of them has to stay.
	if _, err := st.SetRole(ctx, admin, 4, auth.Admin); err != nil {
		t.Fatal(err)
	}
	var both sync.WaitGroup
	for _, id := range []int64{1, 4} {
		both.Go(func() { st.SetRole(ctx, admin, id, auth.Staff) })
	}
	both.Wait()
	if got := testkit.Rows(t, st, `SELECT COUNT(*) FROM account WHERE role = 'admin'`); got != "1" {
		t.Errorf("%s admins", got)
	}
}

func TestAnInvitedAdminIsNoAdminYet(t *testing.T) {
	st, clock := open(t)
	people(t, st)
	if _, err := st.Invite(t.Context(), admin, store.NewAccount{Email: "new@fern.example", Name: "New", Role: auth.Admin}, "tok", clock.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, err := st.SetDisabled(t.Context(), admin, 1, true); !fault.Is(err, fault.Conflict) {
		t.Error(err)
	}
}

func TestPasswordLinks(t *testing.T) {
	st, clock := open(t)
	people(t, st)
	ctx := t.Context()
	a, err := st.Invite(ctx, admin, store.NewAccount{Email: "new@fern.example", Name: "New", Role: auth.Staff}, "invite", clock.Now().Add(24*time.Hour))
	if err != nil || a.ID != 5 || a.PasswordHash != "" {
		t.Fatal(a, err)
	}
	if _, err := st.Invite(ctx, admin, store.NewAccount{Email: "new@fern.example", Role: auth.Staff}, "x", clock.Now()); fault.FieldsOf(err)["email"] == "" {
		t.Error("the same address twice:", err)
	}
	got, err := st.RedeemPassword(ctx, store.By{}, "invite", "Newt", "hash")
	if err != nil || got.Name != "Newt" || got.PasswordHash != "hash" || got.Epoch != 2 {
		t.Fatal(got, err)
	}
	if _, err := st.RedeemPassword(ctx, store.By{}, "invite", "", "other"); !fault.Is(err, fault.NotFound) {
		t.Error("used twice:", err)
	}
	expires := clock.Now().Add(time.Hour)
	_, _ = st.IssuePassword(ctx, admin, 5, "old", expires)
	_, _ = st.IssuePassword(ctx, admin, 5, "newer", expires)
	if _, err := st.OneOff(ctx, "old"); !fault.Is(err, fault.NotFound) {
		t.Error("an earlier link still works:", err)
	}
	clock.Forward(time.Hour)
	if _, err := st.RedeemPassword(ctx, store.By{}, "newer", "", "h"); !fault.Is(err, fault.NotFound) {
		t.Error("expired:", err)
	}
	_, _ = st.IssuePassword(ctx, admin, 5, "third", clock.Now().Add(time.Hour))
	_, _ = st.SetDisabled(ctx, admin, 5, true)
	if _, err := st.RedeemPassword(ctx, store.By{}, "third", "", "h"); !fault.Is(err, fault.NotFound) {
		t.Error("a deactivated account took a password:", err)
	}
	if _, err := st.IssuePassword(ctx, admin, 5, "fourth", clock.Now().Add(time.Hour)); !fault.Is(err, fault.Conflict) {
		t.Error(err)
	}
}

func TestChangesEndSessions(t *testing.T) {
	for name, change := range map[string]func(*testing.T, *store.Store) error{
		"role": func(t *testing.T, st *store.Store) error {
			_, err := st.SetRole(t.Context(), admin, 3, auth.Viewer)
			return err
		},
		"disabled": func(t *testing.T, st *store.Store) error {
			_, err := st.SetDisabled(t.Context(), admin, 3, true)
			return err
		},
		"password": func(t *testing.T, st *store.Store) error {
			_, err := st.SetPassword(t.Context(), admin, 3, "new")
			return err
		},
		"sessions": func(t *testing.T, st *store.Store) error { _, err := st.EndSessions(t.Context(), admin, 3); return err },
	} {
		t.Run(name, func(t *testing.T) {
			st, clock := open(t)
			people(t, st)
			for id := range int64(4) {
				if err := st.CreateSession(t.Context(), fmt.Sprint("s", id), []byte("x"), clock.Now().Add(time.Hour), id+1, "", ""); err != nil {
					t.Fatal(err)
				}
			}
			if err := change(t, st); err != nil {
				t.Fatal(err)
			}
			if got := testkit.Rows(t, st, `SELECT GROUP_CONCAT(account_id) FROM session`); got != "1,2,4" {
				t.Errorf("sessions of %s are left", got)
			}
			if got := testkit.Rows(t, st, `SELECT epoch FROM account WHERE id = 3`); got != "2" {
				t.Errorf("epoch %s", got)
			}
			if got := testkit.Rows(t, st, `SELECT actor, address, request_id FROM audit ORDER BY id DESC LIMIT 1`); got != "Maya | 192.0.2.1 | req_1" {
				t.Errorf("audit: %s", got)
			}
		})
	}
}

func TestSmallChanges(t *testing.T) {
	st, clock := open(t)
	people(t, st)
	ctx := t.Context()
	if _, err := st.SetName(ctx, admin, 3, "Tomás"); err != nil {
		t.Fatal(err)
	}
	_ = st.Rehash(ctx, 3, "not the hash", "x")
	_ = st.Rehash(ctx, 3, "h3", "h3 again")
	a, err := st.AccountByEmail(ctx, "TOM@fern.example")
	if err != nil || a.Name != "Tomás" || a.PasswordHash != "h3 again" || a.Epoch != 1 || a.Role != auth.Staff {
		t.Errorf("%+v %v", a, err)
	}
	if _, err := st.Account(ctx, 99); !fault.Is(err, fault.NotFound) {
		t.Error(err)
	}
	_ = st.CreateSession(ctx, "s", []byte("x"), clock.Now().Add(time.Hour), 3, "", "")
	all, err := st.Accounts(ctx, time.Hour)
	if err != nil || len(all) != 4 || all[0].Name != "Maya" || !all[0].SeenAt.IsZero() || !all[2].SeenAt.Equal(clock.Now()) {
		t.Errorf("%+v %v", all, err)
	}
}

func TestAuditLog(t *testing.T) {
	st, _ := open(t)
	ctx := t.Context()
	for i := range 5 {
		if err := st.Audit(ctx, admin, "signin", fmt.Sprint(i), ""); err != nil {
			t.Fatal(err)
		}
	}
	var seen []string
	for before := int64(0); ; {
		page, err := st.AuditLog(ctx, before, 2)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		for _, e := range page {
			seen = append(seen, e.Subject)
			before = e.ID
		}
	}
	if got := strings.Join(seen, ""); got != "43210" {
		t.Error(got)
	}
}

func TestSettings(t *testing.T) {
	st, _ := open(t)
	ctx := t.Context()
	if _, ok, err := st.Config(ctx, "tz"); ok || err != nil {
		t.Error(ok, err)
	}
	for _, v := range []string{"Europe/Lisbon", "UTC"} {
		if err := st.SetConfig(ctx, admin, "tz", v); err != nil {
			t.Fatal(err)
		}
	}
	if v, ok, err := st.Config(ctx, "tz"); v != "UTC" || !ok || err != nil {
		t.Error(v, ok, err)
	}
	if v, err := st.ConfigOr(ctx, "tz", "other"); v != "UTC" || err != nil {
		t.Error(v, err)
	}
	if got := testkit.Rows(t, st, `SELECT detail FROM audit WHERE action = 'setting' ORDER BY id DESC LIMIT 1`); got != "Europe/Lisbon to UTC" {
		t.Error(got)
	}
}
