package yard

import (
	"bufio"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// decoded gives a file as UTF-8, with the delimiter that goes with its encoding.
func decoded(f io.Reader) (io.Reader, rune, error) {
	r := bufio.NewReaderSize(f, 1<<18)
	mark, err := r.Peek(2)
	if err != nil {
		return nil, 0, err
	}
	if mark[0] != 0xff || mark[1] != 0xfe {
		return r, ',', nil
	}
	_, err = r.Discard(2)
	return &wide{in: r}, '\t', err
}

// wide turns UTF-16LE into UTF-8.
type wide struct {
	in   *bufio.Reader
	high rune // first half of a pair that is not complete yet
}

// Read fills p; it needs room for one rune at least.
func (w *wide) Read(p []byte) (int, error) {
	n := 0
	for n+utf8.UTFMax <= len(p) {
		if w.in.Buffered() < 2 {
			if n > 0 {
				return n, nil
			}
			if _, err := w.in.Peek(2); err != nil {
				return n, err
			}
		}
		chunk, _ := w.in.Peek(w.in.Buffered() &^ 1)
		used := 0
		for used < len(chunk) && n+utf8.UTFMax <= len(p) {
			u := rune(chunk[used]) | rune(chunk[used+1])<<8
			used += 2
			switch {
			case u < 0x80:
				p[n] = byte(u)
				n++
			case utf16.IsSurrogate(u) && w.high == 0:
				w.high = u
			case w.high != 0:
				n += utf8.EncodeRune(p[n:], utf16.DecodeRune(w.high, u))
				w.high = 0
			default:
				n += utf8.EncodeRune(p[n:], u)
			}
		}
		w.in.Discard(used)
	}
	return n, nil
}
