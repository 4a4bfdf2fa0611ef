package browser

import (
	"fmt"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
)

// watch hears what the browser complains about: errors of scripts, blocked
// content, files that do not load.
type watch struct {
	mu       sync.Mutex
	problems []string
	excused  []string
}

// hear runs in the loop that reads the browser's messages.
func (w *watch) hear(ev any) {
	switch e := ev.(type) {
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning || e.Type == runtime.ConsoleAPICalledTypeAssert {
			var said []string
			for _, a := range e.Args {
				said = append(said, strings.Trim(string(a.Value), `"`)+a.Description)
			}
			w.add("console: " + strings.Join(said, " "))
		}
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if x := e.ExceptionDetails.Exception; x != nil {
			text += " " + x.Description
		}
		w.add("exception: " + text)
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			w.add(fmt.Sprintf("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL))
		}
	}
}

// ownTrouble is what the browser says of itself: it gave up sliding one page
// into the next, because the next came at once.
const ownTrouble = "Transition was "

func (w *watch) add(problem string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if strings.Contains(problem, ownTrouble) {
		return
	}
	for _, x := range w.excused {
		if strings.Contains(problem, x) {
			return
		}
	}
	w.problems = append(w.problems, problem)
}

// excuse lets complaints pass that contain a text, such as the status of a page
// that is asked for although it does not exist.
func (w *watch) excuse(texts ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.excused = append(w.excused, texts...)
}

// take returns the complaints so far and forgets them.
func (w *watch) take() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := w.problems
	w.problems = nil
	return out
}

// quiet fails the test when there was a complaint.
func (b *tab) quiet() {
	b.t.Helper()
	for _, p := range b.take() {
		b.t.Errorf("the browser complains: %s", p)
	}
}
