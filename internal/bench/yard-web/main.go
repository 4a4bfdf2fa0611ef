// Command yard-web serves a list of links and a dashboard with the standard
// library and SQLite, without sessions, roles, router or compression. It is the
// least that such a page can cost.
//
//	yard-web -db FILE -fill -pitches FILE -links FILE    makes the database
//	yard-web -db FILE -addr HOST:PORT                    serves /healthz, /links and /dashboard
package main

import (
	"bytes"
	"database/sql"
	"flag"
	"fmt"
	"html"
	"net/http"
	"os"
	"time"

	_ "modernc.org/sqlite"
)

func main() {
	file := flag.String("db", "", "database")
	addr := flag.String("addr", "", "address to listen on")
	filling := flag.Bool("fill", false, "make the database and end")
	pitches := flag.String("pitches", "", "pitch list")
	links := flag.String("links", "", "backlink export")
	flag.Parse()
	err := error(nil)
	if *filling {
		err = fill(*file, *pitches, *links)
	} else {
		err = serve(*file, *addr)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "yard-web:", err)
		os.Exit(1)
	}
}

func serve(file, addr string) error {
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=busy_timeout(5000)&_pragma=query_only(1)&_pragma=mmap_size(268435456)")
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(4)
	db.SetMaxIdleConns(4)
	newest, err := db.Prepare(`SELECT source, target, anchor, title, first_seen, last_seen, pitch FROM link ORDER BY first_seen DESC, id DESC LIMIT 50`)
	if err != nil {
		return err
	}
	total, err := db.Prepare(`SELECT n FROM total`)
	if err != nil {
		return err
	}
	daily, err := db.Prepare(`SELECT day, links, credited FROM daily ORDER BY day DESC LIMIT 365`)
	if err != nil {
		return err
	}
	http.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	http.HandleFunc("GET /links", func(w http.ResponseWriter, _ *http.Request) { answer(w, listPage, newest, total) })
	http.HandleFunc("GET /dashboard", func(w http.ResponseWriter, _ *http.Request) { answer(w, dashboard, daily, total) })
	server := &http.Server{Addr: addr, ReadHeaderTimeout: 5 * time.Second}
	return server.ListenAndServe()
}

type writer func(b *bytes.Buffer, rows *sql.Rows, total int) error

func answer(w http.ResponseWriter, write writer, rowsOf, totalOf *sql.Stmt) {
	var b bytes.Buffer
	var n int
	err := totalOf.QueryRow().Scan(&n)
	if err == nil {
		var rows *sql.Rows
		if rows, err = rowsOf.Query(); err == nil {
			err = write(&b, rows, n)
			rows.Close()
		}
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(b.Bytes())
}

func listPage(b *bytes.Buffer, rows *sql.Rows, total int) error {
	fmt.Fprintf(b, "<!doctype html><title>Links</title><h1>%d links</h1><table>\n", total)
	for rows.Next() {
		var source, target, anchor, title, first, last, pitch string
		if err := rows.Scan(&source, &target, &anchor, &title, &first, &last, &pitch); err != nil {
			return err
		}
		e := html.EscapeString
		fmt.Fprintf(b, `<tr class="row"><td><span class="tag">link</span><td class="page"><a rel="noopener noreferrer nofollow" href="%s" title="%s">%s</a>`+
			`<small class="address">%s</small><td class="anchor"><b>%s</b><a class="target" href="%s" title="%s">%s</a>`+
			`<td class="date"><time datetime="%s">%s</time><td class="date"><time datetime="%s">%s</time><td class="pitch">%s</tr>`+"\n",
			e(source), e(source), e(title), e(source), e(anchor), e(target), e(target), e(target), first, first, last, last, e(pitch))
	}
	b.WriteString("</table>")
	return rows.Err()
}

func dashboard(b *bytes.Buffer, rows *sql.Rows, total int) error {
	fmt.Fprintf(b, "<!doctype html><title>Dashboard</title><h1>%d links</h1><svg viewBox=\"0 0 365 100\"><path d=\"M0 0", total)
	var table bytes.Buffer
	x := 0
	for rows.Next() {
		var day string
		var links, credited int
		if err := rows.Scan(&day, &links, &credited); err != nil {
			return err
		}
		fmt.Fprintf(b, "L%d %d", x, links%100)
		fmt.Fprintf(&table, "<tr><td>%s<td>%d<td>%d</tr>\n", day, links, credited)
		x++
	}
	b.WriteString("\"/></svg><table>")
	b.Write(table.Bytes())
	b.WriteString("</table>")
	return rows.Err()
}
