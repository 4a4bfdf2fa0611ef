package secret

import (
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"landed/internal/fault"
)

var row = Row{Purpose: "provider_token ahrefs", ID: 3}

func ring(t *testing.T, texts ...string) Ring {
	t.Helper()
	r, err := parseRing(strings.Join(texts, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func seal(t *testing.T, r Ring, text string) Sealed {
	t.Helper()
	s, err := r.Seal(text, row)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSealedOpensInItsPlaceAlone(t *testing.T) {
	first, second := NewKeyText(), NewKeyText()
	r := ring(t, first)
	s := seal(t, r, "a token of Fern & Co")
	if strings.Contains(s.Text, "token") || strings.Contains(s.Text, base64.RawURLEncoding.EncodeToString([]byte("a token"))) {
		t.Fatal("it is not sealed")
	}
	if again := seal(t, r, "a token of Fern & Co"); again.Text == s.Text {
		t.Error("the nonce is not random: the same text seals to the same")
	}
	flipped := []byte(s.Text)
	flipped[len(flipped)/2] ^= 1
	for name, tt := range map[string]struct {
		ring   Ring
		sealed Sealed
		row    Row
		want   error
	}{
		"as sealed":        {r, s, row, nil},
		"another in front": {ring(t, second, first), s, row, nil},
		"another row":      {r, s, Row{row.Purpose, 4}, ErrBroken},
		"another purpose":  {r, s, Row{"webhook", 3}, ErrBroken},
		"another key":      {ring(t, second), s, row, ErrNoKey},
		"wrong id":         {ring(t, second), Sealed{ring(t, second).Current(), s.Text}, row, ErrBroken},
		"changed":          {r, Sealed{s.KeyID, string(flipped)}, row, ErrBroken},
		"cut":              {r, Sealed{s.KeyID, s.Text[:20]}, row, ErrBroken},
		"empty":            {r, Sealed{s.KeyID, ""}, row, ErrBroken},
		"not base64":       {r, Sealed{s.KeyID, "ä"}, row, ErrBroken},
		"no ring":          {Ring{}, s, row, ErrNoKey},
	} {
		got, err := tt.ring.Open(tt.sealed, tt.row)
		if !errors.Is(err, tt.want) || (err == nil) != (got == "a token of Fern & Co") {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if _, err := (Ring{}).Seal("x", row); !errors.Is(err, ErrNoKey) {
		t.Errorf("an empty ring seals: %v", err)
	}
}

func TestParseKeys(t *testing.T) {
	k := newKey()
	hex := fmt.Sprintf("%x", k.raw)
	for name, text := range map[string]string{
		"own": k.text(), "hex": hex, "HEX": strings.ToUpper(hex), "padded": k.text() + "=",
		"base64": base64.StdEncoding.EncodeToString(k.raw[:]), "with a comment": "# made today\n" + hex + " # first\r\n", "twice": hex + "," + k.text(),
	} {
		r, err := parseRing(text)
		if err != nil || r.Current() != k.id || len(r.Spare()) != 0 {
			t.Errorf("%s: %v, %v", name, r, err)
		}
	}
	for _, text := range []string{"", "# nothing", "hunter2", hex[:63], k.text() + "A", "correct horse battery staple correct horse"} {
		_, err := parseRing(text)
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", text, err)
		} else if len(text) > 10 && strings.Contains(err.Error(), text[:10]) {
			t.Errorf("the error repeats what was typed: %v", err)
		}
	}
}

func TestNothingPrintsAKey(t *testing.T) {
	text := NewKeyText()
	r, src := ring(t, text), Source{Text: text, File: "master.key"}
	raw := string(r.keys[0].raw[:])
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, x := range []any{r, r.keys, r.keys[0], src, &src} {
			out := fmt.Sprintf(format, x)
			for _, bad := range []string{text, raw, fmt.Sprintf("%x", raw), fmt.Sprint([]byte(raw)), fmt.Sprintf("%x", text)} {
				if strings.Contains(out, bad) {
					t.Errorf("%s of %T shows the key", format, x)
				}
			}
		}
	}
}

func file(t *testing.T) Source { return Source{File: filepath.Join(t.TempDir(), FileName)} }

func TestKeyFileIsMadeAtFirstUse(t *testing.T) {
	s := file(t)
	if _, err := s.Ring(); !errors.Is(err, ErrNoKey) {
		t.Fatalf("without a file: %v", err)
	}
	if err := s.Check(); err != nil {
		t.Errorf("no key yet is a fault: %v", err)
	}
	made := make(chan string, 8)
	for range cap(made) {
		go func() {
			r, err := s.RingOrNew()
			if err != nil {
				t.Error(err)
			}
			made <- r.Current()
		}()
	}
	first := <-made
	for range cap(made) - 1 {
		if id := <-made; id != first {
			t.Errorf("two keys were made: %s and %s", first, id)
		}
	}
	info, err := os.Stat(s.File)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if left, _ := os.ReadDir(filepath.Dir(s.File)); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
}

func TestKeyFileThatOthersCanRead(t *testing.T) {
	s := file(t)
	if _, err := s.RingOrNew(); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []os.FileMode{0o640, 0o604, 0o644, 0o620, 0o666} {
		if err := os.Chmod(s.File, mode); err != nil {
			t.Fatal(err)
		}
		for name, err := range map[string]error{"read": second(s.Ring()), "first use": second(s.RingOrNew()), "start": s.Check(), "rotate": second(s.Rotate(nil))} {
			if !fault.Is(err, fault.Forbidden) || !strings.Contains(fault.Message(err), "chmod 600") {
				t.Errorf("%04o, %s: %v", mode, name, err)
			}
		}
	}
	if err := os.WriteFile(s.File, []byte("hunter2"), 0o600); err != nil {
		t.Fatal(err)
	}
	os.Chmod(s.File, 0o400)
	if err := s.Check(); !fault.Is(err, fault.Invalid) || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), FileName) {
		t.Errorf("no key in it: %v", err)
	}
}

func second[T any](_ T, err error) error { return err }

var errKilled = errors.New("killed")

// rows is what a database would hold; a reseal replaces all or nothing.
type rows []Sealed

func (all rows) reseal(t *testing.T) func(Ring) error {
	return func(r Ring) error {
		next := make(rows, len(all))
		for i, s := range all {
			text, err := r.Open(s, row)
			if err != nil {
				return err
			}
			next[i] = seal(t, r, text)
		}
		copy(all, next)
		return nil
	}
}

// Cut off before, within or after the writing of the rows, or before the old key
// goes: everything opens, and the next rotation finishes this one.
func TestRotationCutOffAnywhere(t *testing.T) {
	for name, cut := range map[string]func(rows, func(Ring) error) func(Ring) error{
		"before the rows": func(rows, func(Ring) error) func(Ring) error { return func(Ring) error { return errKilled } },
		"after the rows": func(_ rows, do func(Ring) error) func(Ring) error {
			return func(r Ring) error { return errors.Join(do(r), errKilled) }
		},
	} {
		s := file(t)
		r, err := s.RingOrNew()
		if err != nil {
			t.Fatal(err)
		}
		old := r.Current()
		all := rows{seal(t, r, "one"), seal(t, r, "two")}
		if _, err := s.Rotate(cut(all, all.reseal(t))); !errors.Is(err, errKilled) {
			t.Fatal(err)
		}
		opens := func(when string) {
			r, err := s.Ring()
			if err != nil {
				t.Fatal(err)
			}
			for i, want := range []string{"one", "two"} {
				if got, err := r.Open(all[i], row); got != want {
					t.Errorf("%s, %s: %q, %v", name, when, got, err)
				}
			}
		}
		opens("cut off")
		done, err := s.Rotate(all.reseal(t))
		if err != nil || !done.Finished || done.From != old || done.To == old {
			t.Errorf("%s: %+v, %v", name, done, err)
		}
		opens("finished")
		if r, _ := s.Ring(); r.Current() != done.To || len(r.Spare()) != 0 || all[0].KeyID != done.To {
			t.Errorf("%s: the old key is still there: %v", name, r)
		}
		again, err := s.Rotate(all.reseal(t))
		if err != nil || again.Finished || again.From != done.To {
			t.Errorf("%s: once more: %+v, %v", name, again, err)
		}
		opens("once more")
	}
}

func TestRotationOfKeysInTheEnvironment(t *testing.T) {
	old, next := NewKeyText(), NewKeyText()
	all := rows{seal(t, ring(t, old), "one")}
	if _, err := (Source{Text: old}).Rotate(all.reseal(t)); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "in front") {
		t.Errorf("one key: %v", err)
	}
	done, err := (Source{Text: next + "," + old}).Rotate(all.reseal(t))
	if err != nil || done.To != ring(t, next).Current() || done.From != ring(t, old).Current() {
		t.Errorf("%+v, %v", done, err)
	}
	if got, err := ring(t, next).Open(all[0], row); got != "one" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestOneRotationAtATime(t *testing.T) {
	s := file(t)
	if _, err := s.Rotate(nil); !fault.Is(err, fault.NotFound) {
		t.Errorf("without a key: %v", err)
	}
	if _, err := s.RingOrNew(); err != nil {
		t.Fatal(err)
	}
	_, err := s.Rotate(func(Ring) error {
		_, err := s.Rotate(func(Ring) error { return nil })
		if !fault.Is(err, fault.Conflict) {
			t.Errorf("a second one at once: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func FuzzParseRing(f *testing.F) {
	f.Add(NewKeyText() + " # first")
	f.Add("a,b\n#\x00")
	f.Fuzz(func(t *testing.T, text string) {
		r, err := parseRing(text)
		if (err == nil) != (len(r.keys) > 0) {
			t.Errorf("%v, %v", r, err)
		}
	})
}
