package web

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"unicode"

	"landed/internal/auth"
	"landed/internal/backlinks"
	"landed/internal/fault"
	"landed/internal/intake"
	"landed/internal/pitches"
	"landed/internal/store"
	"landed/internal/tabular"
	"landed/templates"
)

// defaultUpload is the largest upload where Deps does not say, in bytes.
const defaultUpload = 10 << 20

// formRest is what the other fields of an upload may take besides the file.
const formRest = 1 << 20

func (s *Server) maxUpload() int64 { return cmp.Or(s.MaxUpload, defaultUpload) }

// dataDir is where uploads are kept: beside the database unless Deps says so.
func (s *Server) dataDir() string { return cmp.Or(s.DataDir, filepath.Dir(s.Store.Path())) }

func (s *Server) importRoutes() []Route {
	return []Route{
		{Method: get, Pattern: "/import", Role: auth.Staff, Handler: s.showImports},
		{Method: post, Pattern: "/import", Role: auth.Staff, Handler: s.createImport, Body: s.maxUpload() + formRest, Costly: true},
		{Method: get, Pattern: "/import/template.csv", Role: auth.Staff, Handler: s.importTemplate},
		{Method: get, Pattern: "/import/{id}", Role: auth.Staff, Handler: s.showImport},
		{Method: get, Pattern: "/import/{id}/map", Role: auth.Staff, Handler: s.showImportMap},
		{Method: post, Pattern: "/import/{id}/map", Role: auth.Staff, Handler: s.saveImportMap, Body: 512 << 10},
		{Method: get, Pattern: "/import/{id}/check", Role: auth.Staff, Handler: s.checkImport},
		{Method: post, Pattern: "/import/{id}/run", Role: auth.Staff, Handler: s.runImport, Costly: true},
		{Method: get, Pattern: "/import/{id}/events", Role: auth.Staff, Handler: s.streamImport, Stream: true},
		{Method: get, Pattern: "/import/{id}/refused.csv", Role: auth.Staff, Handler: s.exportRefused, Costly: true},
	}
}

const importPage = 20

// showImports is the upload form with what was imported before.
func (s *Server) showImports(w http.ResponseWriter, r *http.Request) error {
	v := templates.ImportUpload{Kind: intake.KindPitches}
	if r.URL.Query().Get("kind") == intake.KindLinks {
		v.Kind = intake.KindLinks
	}
	return s.importsPage(w, r, http.StatusOK, v)
}

func (s *Server) importsPage(w http.ResponseWriter, r *http.Request, code int, v templates.ImportUpload) error {
	site, sites, err := s.currentSite(w, r)
	if err != nil {
		return err
	}
	before, _ := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64) // anything else starts at the newest
	list, err := s.Store.ImportsBefore(r.Context(), before, importPage+1)
	if err != nil {
		return err
	}
	v.CSRF, v.Limit = s.csrfToken(w, r), strconv.FormatInt(s.maxUpload()>>20, 10)+" MB"
	v.Site = cmp.Or(v.Site, strconv.FormatInt(site.ID, 10))
	for _, x := range sites {
		v.Sites = append(v.Sites, templates.Option{Value: strconv.FormatInt(x.ID, 10), Label: x.Host})
	}
	v.History = importHistory(list, sites, before > 0)
	return s.show(w, r, Page{Title: "Import", Nav: "imports", Status: code, Narrow: true,
		Body: templates.ImportUploadPage(v), Part: templates.ImportHistoryList(v.History)})
}

// createImport takes a file or pasted rows, finds out what they are, and leads
// on to what is to be asked. A file that is refused is not kept.
func (s *Server) createImport(w http.ResponseWriter, r *http.Request) error {
	v := templates.ImportUpload{Kind: intake.KindPitches, Site: cut(r.PostFormValue("site"), 20), Paste: r.PostFormValue("paste")}
	if r.PostFormValue("kind") == intake.KindLinks {
		v.Kind = intake.KindLinks
	}
	m, err := s.receiveImport(r, v)
	if err == nil {
		next := "/map"
		if setup, err := intake.SetupOf(m); err == nil && setup.Ready {
			next = "/check"
		}
		return s.redirect(w, r, importPath(m.ID)+next)
	}
	kind := fault.KindOf(err)
	if kind != fault.Invalid && kind != fault.TooLarge {
		return err
	}
	v.Errors = map[string]string{"title": "Not imported", "": fault.Message(err)}
	if fields := fault.FieldsOf(err); len(fields) > 0 {
		v.Errors = fields
	}
	return s.importsPage(w, r, statusOf[kind], v)
}

func importPath(id int64) string { return "/import/" + strconv.FormatInt(id, 10) }

func (s *Server) receiveImport(r *http.Request, v templates.ImportUpload) (store.Import, error) {
	m := store.Import{Kind: v.Kind}
	siteID, _ := strconv.ParseInt(v.Site, 10, 64) // 0 is no site
	site, err := s.Store.Site(r.Context(), siteID)
	if fault.Is(err, fault.NotFound) {
		err = fault.Field("site", "Choose one of our sites.")
	}
	if err != nil {
		return m, err
	}
	content, name, err := uploaded(r)
	if err != nil {
		return m, err
	}
	defer content.Close()
	u, err := intake.Receive(s.dataDir(), content, s.maxUpload())
	if err != nil {
		return m, err
	}
	defer u.Discard()
	setup, err := s.recogniseImport(r.Context(), v.Kind, site, u)
	if err != nil {
		return m, err
	}
	m.SiteID, m.FileName, m.Digest, m.Size = site.ID, name, u.Digest, u.Size
	if m.Mapping, err = setup.Text(); err != nil {
		return m, err
	}
	if err := u.Keep(); err != nil {
		return m, err
	}
	return s.Store.CreateImport(r.Context(), s.by(r), m)
}

// uploaded is what the form sent: a file, else pasted rows.
func uploaded(r *http.Request) (io.ReadCloser, string, error) {
	f, head, err := r.FormFile("file")
	if err == nil && (head.Size > 0 || head.Filename != "") {
		return f, fileName(head.Filename), nil
	}
	if err == nil {
		f.Close()
	} else if !errors.Is(err, http.ErrMissingFile) && !errors.Is(err, http.ErrNotMultipart) {
		return nil, "", fault.Wrap(err, fault.Invalid, "The file did not arrive whole. Send it again.")
	}
	paste := r.PostFormValue("paste")
	if strings.TrimSpace(paste) == "" {
		return nil, "", fault.Field("file", "Choose a file, or paste rows below.")
	}
	return io.NopCloser(strings.NewReader(paste)), "Pasted rows", nil
}

// fileName is what a file is called on screens and timelines. It never becomes
// a path: files are kept by their digest.
func fileName(sent string) string {
	if i := strings.LastIndexAny(sent, `/\`); i >= 0 {
		sent = sent[i+1:]
	}
	sent = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || unicode.Is(unicode.Cf, c) { // also marks that turn the order of letters round
			return -1
		}
		return c
	}, strings.ToValidUTF8(sent, ""))
	return cmp.Or(cut(strings.TrimSpace(sent), 120), "Unnamed file")
}

// recogniseImport finds out what an upload is, or refuses it with the reason.
func (s *Server) recogniseImport(ctx context.Context, kind string, site store.Site, u *intake.Upload) (intake.Setup, error) {
	r, err := u.Reader()
	if err != nil {
		return intake.Setup{}, err
	}
	if kind == intake.KindLinks {
		return s.dryLinks(ctx, site, r, tabular.AnyOrder)
	}
	x, err := backlinks.OpenExport(r, backlinks.ExportOptions{})
	if err == nil {
		return intake.Setup{}, fault.New(fault.Invalid, "This is no pitch list: it reads as %s. Choose “Backlinks” for it.", x.Format())
	}
	if fault.FieldsOf(err)["date_order"] != "" {
		return intake.Setup{}, fault.New(fault.Invalid, "This is no pitch list but a backlink export. Choose “Backlinks” for it.")
	}
	if r, err = u.Reader(); err != nil {
		return intake.Setup{}, err
	}
	list, err := intake.Inspect(ctx, s.Store, site, r, 0)
	if err == nil && list.Rows == 0 {
		err = fault.New(fault.Invalid, "The file has column names and no rows.")
	}
	return intake.Setup{Format: list.Format, Rows: list.Rows, Fingerprint: list.Fingerprint, Mapping: list.Mapping, Policy: pitches.Add}, err
}

// dryLinks runs a backlink export without saving anything.
func (s *Server) dryLinks(ctx context.Context, site store.Site, r io.Reader, order tabular.DateOrder) (intake.Setup, error) {
	res, err := intake.Links(ctx, s.Store, site, r, intake.LinksOptions{DryRun: true, DateOrder: order})
	if q := fault.FieldsOf(err)["date_order"]; q != "" {
		return intake.Setup{Question: q}, nil
	}
	rows := res.Read + res.Refused.Count
	if err == nil && rows == 0 {
		err = fault.New(fault.Invalid, "The file has column names and no rows.")
	}
	return intake.Setup{Format: res.Format, Rows: rows, DateOrder: order, Dry: &res, Ready: true}, err
}

// openImport reads the import of the path with its setup and site.
func (s *Server) openImport(r *http.Request) (m store.Import, setup intake.Setup, site store.Site, err error) {
	id, err := pathID(r, "id")
	if err != nil {
		return m, setup, site, err
	}
	if m, err = s.Store.Import(r.Context(), id); err != nil {
		return m, setup, site, err
	}
	if setup, err = intake.SetupOf(m); err != nil {
		return m, setup, site, err
	}
	site, err = s.Store.Site(r.Context(), m.SiteID)
	return m, setup, site, err
}

// editable reports whether an import may still be changed.
func editable(m store.Import) bool { return m.State == intake.Uploaded || m.State == intake.Failed }
