package landed_test

import (
	"fmt"
	"go/ast"
	"go/token"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"landed/migrations"
)

// looksLikeSQL finds statements, not prose: "Select a pitch from the list" is
// not one, because statements are written in capitals or begin in lower case.
var looksLikeSQL = regexp.MustCompile(`(?s)^\s*(SELECT\s.*|INSERT\s+INTO\s.*|UPDATE\s+\S+\s+SET\s.*|DELETE\s+FROM\s.*|WITH\s+\w+\s+AS\s*\(.*|` +
	`(CREATE|DROP|ALTER)\s+(UNIQUE\s+)?(TABLE|INDEX|TRIGGER|VIEW)\s.*|PRAGMA\s+\w+.*|VACUUM\b.*|` +
	`select\s.*\sfrom\s.*|insert\s+into\s.*|update\s+\S+\s+set\s.*|delete\s+from\s.*)$`)

// sqlPlaces may hold SQL: the store, and the yardsticks, which are not part of the product.
var sqlPlaces = []string{"internal/store", "migrations", "internal/bench"}

// banned is what SQLite and PostgreSQL do not read alike.
var banned = []struct {
	what string
	expr *regexp.Regexp
}{
	{"now()", regexp.MustCompile(`(?i)\bnow\s*\(`)},
	{"CURRENT_TIMESTAMP", regexp.MustCompile(`(?i)\bcurrent_(timestamp|date|time)\b`)},
	{"date_trunc", regexp.MustCompile(`(?i)\bdate_trunc\b`)},
	{"strftime", regexp.MustCompile(`(?i)\bstrftime\b`)},
	{"greatest, least", regexp.MustCompile(`(?i)\b(greatest|least)\s*\(`)},
	{"INSERT OR", regexp.MustCompile(`(?i)\binsert\s+or\b`)},
	{"= ANY", regexp.MustCompile(`(?i)=\s*any\b`)},
	{"json_each", regexp.MustCompile(`(?i)\bjson_each\b`)},
	{"->>", regexp.MustCompile(`->>`)},
	{"ILIKE", regexp.MustCompile(`(?i)\bilike\b`)},
	{":: cast", regexp.MustCompile(`\w::\w`)},
	{"SKIP LOCKED", regexp.MustCompile(`(?i)\bskip\s+locked\b`)},
	{"AUTOINCREMENT", regexp.MustCompile(`(?i)\bautoincrement\b`)},
}

// question marks are numbered by the store's own filter lists; in a whole
// statement they would reach the driver, and PostgreSQL knows only $1.
var questionMark = regexp.MustCompile(`[=<>(,]\s*\?`)

var (
	likeWord     = regexp.MustCompile(`\bLIKE\b`)
	escapeWord   = regexp.MustCompile(`\bESCAPE\b`)
	insertSelect = regexp.MustCompile(`(?is)\binsert\s+into\b.*\bselect\b.*\bon\s+conflict\b`)
	whereTrue    = regexp.MustCompile(`(?is)\bwhere\s+.*\bon\s+conflict\b`)
	minMax       = regexp.MustCompile(`(?i)\b(max|min)\s*\(`)
)

// bannedSQL names what a text holds that only one of the two engines reads.
func bannedSQL(sql string) []string {
	var out []string
	for _, b := range banned {
		if b.expr.MatchString(sql) {
			out = append(out, b.what)
		}
	}
	if looksLikeSQL.MatchString(sql) && questionMark.MatchString(sql) {
		out = append(out, "? placeholder")
	}
	if len(likeWord.FindAllString(sql, -1)) > len(escapeWord.FindAllString(sql, -1)) {
		out = append(out, "LIKE without ESCAPE")
	}
	if insertSelect.MatchString(sql) && !whereTrue.MatchString(sql) {
		out = append(out, "INSERT … SELECT … ON CONFLICT without WHERE true")
	}
	for _, at := range minMax.FindAllStringIndex(sql, -1) {
		if hasComma(sql[at[1]:]) {
			out = append(out, "max or min of two arguments")
		}
	}
	return out
}

// hasComma reports whether the call whose arguments begin at s has more than one.
func hasComma(s string) bool {
	depth := 0
	for _, c := range s {
		switch c {
		case '(':
			depth++
		case ')':
			if depth == 0 {
				return false
			}
			depth--
		case ',':
			if depth == 0 {
				return true
			}
		}
	}
	return false
}

// literals calls f with every string of a file that is not a tag or an import.
// Strings joined by + are read as one, because a statement may be cut anywhere.
func literals(s source, f func(text string, pos token.Pos)) {
	var visit func(n ast.Node) bool
	visit = func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.Field:
			ast.Inspect(n.Type, visit)
			return false
		case *ast.BinaryExpr:
			if text, ok := joined(n); ok {
				f(text, n.Pos())
				return false
			}
		case *ast.BasicLit:
			if text, ok := joined(n); ok {
				f(text, n.Pos())
			}
		}
		return true
	}
	ast.Inspect(s.file, visit)
}

// joined is the text of a string or of strings joined by +; what is not a
// literal in between stands as " ".
func joined(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind != token.STRING {
			return "", false
		}
		text, err := strconv.Unquote(e.Value)
		return text, err == nil
	case *ast.ParenExpr:
		return joined(e.X)
	case *ast.BinaryExpr:
		if e.Op != token.ADD {
			return "", false
		}
		a, okA := joined(e.X)
		b, okB := joined(e.Y)
		switch {
		case okA && okB:
			return a + b, true
		case okA:
			return a + " ", true
		case okB:
			return " " + b, true
		}
	}
	return "", false
}

// sqlElsewhere finds SQL outside the store.
func sqlElsewhere(s source) []string {
	if s.test() || s.generated() || within(s.dir(), sqlPlaces) {
		return nil
	}
	var out []string
	literals(s, func(text string, pos token.Pos) {
		if looksLikeSQL.MatchString(text) {
			out = append(out, s.at(pos)+": SQL belongs to internal/store")
		}
	})
	return out
}

// bannedInStore checks every string of the store.
func bannedInStore(s source) []string {
	if s.test() || !within(s.dir(), []string{"internal/store"}) {
		return nil
	}
	var out []string
	literals(s, func(text string, pos token.Pos) {
		for _, what := range bannedSQL(text) {
			out = append(out, fmt.Sprintf("%s: %s is not the same on both engines", s.at(pos), what))
		}
	})
	return out
}

var sqlComment = regexp.MustCompile(`(?m)--.*$`)

func TestMigrationsArePortable(t *testing.T) {
	names, err := fs.Glob(migrations.Files, "*.sql")
	if err != nil || len(names) == 0 {
		t.Fatalf("no migrations found: %v", err)
	}
	last := 0
	for _, name := range names {
		digits, _, _ := strings.Cut(name, "_")
		if n, err := strconv.Atoi(digits); err != nil || len(digits) != 4 || n <= last {
			t.Errorf("%s: a migration's name begins with four digits that no other has", name)
		} else {
			last = n
		}
		b, err := fs.ReadFile(migrations.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, what := range bannedSQL(sqlComment.ReplaceAllString(string(b), "")) {
			t.Errorf("%s: %s is not the same on both engines", name, what)
		}
	}
}
