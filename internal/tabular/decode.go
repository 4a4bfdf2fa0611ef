package tabular

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"unicode/utf16"
	"unicode/utf8"

	"landed/internal/fault"
)

// The encodings a file may have, as Format names them.
const (
	encUTF8    = "UTF-8"
	encUTF16LE = "UTF-16LE"
	encUTF16BE = "UTF-16BE"
	encCP1252  = "Windows-1252"
)

// cp1252 is Windows-1252 from 0x80 to 0x9F, where it differs from Latin-1; five
// of these bytes are no character. From the table of the Encoding Standard, without
// the control characters that it puts there.
var cp1252 = [...]rune{
	'€', '\uFFFD', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\uFFFD', 'Ž', '\uFFFD',
	'\uFFFD', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\uFFFD', 'ž', 'Ÿ',
}

// headSize is how much of the file decides its encoding and its line ends.
const headSize = 64 << 10

// decoder turns a file of unknown encoding into UTF-8 with LF line ends.
//
// Byte order marks and NUL bytes are visible in the first block. UTF-8 against
// Windows-1252 is not: a list may hold its first accent in the last row, so
// that question stays open until a byte above 0x7F arrives.
type decoder struct {
	r        io.Reader
	encoding string
	decided  bool // of UTF-8 or Windows-1252: a byte above 0x7F was seen
	order    binary.ByteOrder
	carry    []byte // raw bytes of a character that the last block cut in two
	pending  []byte // decoded bytes that did not fit the caller's buffer
	raw      []byte
	table    [128]string // Windows-1252, 0x80 to 0xFF, as UTF-8
	badBytes int         // bytes that are no character of the encoding
	oldMac   bool        // lines end in a lone CR
	lastCR   bool
	err      error
}

// newDecoder reads the first block and refuses what is not text.
func newDecoder(r io.Reader) (*decoder, error) {
	head := make([]byte, headSize)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	head = head[:n]
	if n == 0 {
		return nil, fault.New(fault.Invalid, "The file is empty.")
	}
	if what := notText(head); what != "" {
		return nil, fault.New(fault.Invalid, "This is %s, not a text table. Save it as CSV and try again.", what)
	}
	enc, skip := sniffEncoding(head)
	d := &decoder{r: io.MultiReader(bytes.NewReader(head[skip:]), r), encoding: enc}
	switch enc {
	case encUTF16LE:
		d.order = binary.LittleEndian
	case encUTF16BE:
		d.order = binary.BigEndian
	case "":
		return nil, fault.New(fault.Invalid, "This is not a text table: it holds bytes that no text has. Save it as CSV and try again.")
	}
	d.decided = skip == 3 // a UTF-8 mark leaves no doubt
	return d, nil
}

// notText names the binary formats that people upload by mistake.
func notText(head []byte) string {
	for _, m := range []struct{ magic, what string }{
		{"PK\x03\x04", "an Excel workbook or a ZIP archive"},
		{"\xD0\xCF\x11\xE0", "an old Excel workbook (.xls)"},
		{"\x1F\x8B", "a gzip archive"},
		{"%PDF-", "a PDF"},
		{"\xFF\xFE\x00\x00", "a UTF-32 file"},
	} {
		if bytes.HasPrefix(head, []byte(m.magic)) {
			return m.what
		}
	}
	return ""
}

// sniffEncoding goes by the byte order mark, then by where NUL bytes stand:
// Latin text in UTF-16 has one in every second place. It returns the length of
// the mark, and "" for bytes that are no text.
func sniffEncoding(head []byte) (enc string, skip int) {
	switch {
	case bytes.HasPrefix(head, []byte{0xEF, 0xBB, 0xBF}):
		return encUTF8, 3
	case bytes.HasPrefix(head, []byte{0xFF, 0xFE}):
		return encUTF16LE, 2
	case bytes.HasPrefix(head, []byte{0xFE, 0xFF}):
		return encUTF16BE, 2
	}
	var nul [2]int
	for i, b := range head {
		if b == 0 {
			nul[i&1]++
		}
	}
	even, odd, n := nul[0], nul[1], len(head)
	switch {
	case odd*20 >= n && odd > 10*even:
		return encUTF16LE, 0
	case even*20 >= n && even > 10*odd:
		return encUTF16BE, 0
	case (even+odd)*100 > n:
		return "", 0
	}
	return encUTF8, 0
}

// Read fills p, which must have room for at least 4 kB, with whole UTF-8 text.
func (d *decoder) Read(p []byte) (int, error) {
	p = p[:len(p):len(p)]
	var n int
	switch {
	case len(d.pending) > 0:
		n = copy(p, d.pending)
		d.pending = d.pending[n:]
	case d.err != nil:
		return 0, d.err
	case d.order != nil:
		n = d.readUTF16(p)
	default:
		n = d.readBytes(p)
	}
	d.blankNUL(p[:n])
	if d.oldMac {
		n = d.foldCR(p[:n])
	}
	if n == 0 && len(d.pending) == 0 {
		return 0, d.err
	}
	return n, nil
}

// blankNUL makes spaces of the NUL characters, which no database column and no
// page can hold.
func (d *decoder) blankNUL(p []byte) {
	for {
		i := bytes.IndexByte(p, 0)
		if i < 0 {
			return
		}
		p[i] = ' '
		p = p[i+1:]
		d.badBytes++
	}
}

// readBytes reads UTF-8 or Windows-1252.
func (d *decoder) readBytes(p []byte) int {
	n := copy(p, d.carry)
	d.carry = d.carry[:0]
	m, err := d.r.Read(p[n:])
	d.err = err
	p = p[:n+m]
	if isASCII(p) {
		return len(p)
	}
	if d.encoding == encUTF8 {
		whole := p
		if err == nil {
			whole = p[:len(p)-cutRune(p)]
		}
		if utf8.Valid(whole) {
			d.decided = true
			d.carry = append(d.carry, p[len(whole):]...)
			return len(whole)
		}
		if !d.decided {
			d.decide(whole)
		}
		if d.encoding == encUTF8 {
			d.carry = append(d.carry, p[len(whole):]...)
			return d.spill(p, d.replaceBad(whole))
		}
	}
	return d.spill(p, d.fromCP1252(p))
}

// decide settles the first block with a byte above 0x7F that is not all valid
// UTF-8. One cut character does not make a UTF-8 file Windows-1252, and valid
// sequences hardly ever come about by chance, so the greater number wins.
func (d *decoder) decide(p []byte) {
	d.decided = true
	good, bad := 0, 0
	for i := 0; i < len(p); {
		if p[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRune(p[i:])
		if r == utf8.RuneError && n == 1 {
			bad++
		} else {
			good++
		}
		i += n
	}
	if bad < good {
		return
	}
	d.encoding = encCP1252
	for i := range d.table {
		d.table[i] = string(rune(0x80 + i))
		if i < len(cp1252) {
			d.table[i] = string(cp1252[i])
		}
	}
}

func (d *decoder) fromCP1252(p []byte) []byte {
	out := make([]byte, 0, len(p)+len(p)/8)
	for _, b := range p {
		if b < utf8.RuneSelf {
			out = append(out, b)
			continue
		}
		s := d.table[b-0x80]
		if s == "\uFFFD" {
			d.badBytes++
		}
		out = append(out, s...)
	}
	return out
}

func (d *decoder) replaceBad(p []byte) []byte {
	out := make([]byte, 0, len(p)+64)
	for len(p) > 0 {
		r, n := utf8.DecodeRune(p)
		if r == utf8.RuneError && n == 1 {
			d.badBytes++
		}
		out = utf8.AppendRune(out, r)
		p = p[n:]
	}
	return out
}

// spill hands out as much of text as fits and keeps the rest for the next Read.
// It is only reached for text that had to be rewritten.
func (d *decoder) spill(p, text []byte) int {
	n := copy(p[:cap(p)], text)
	d.pending = text[n:]
	return n
}

// cutRune is how many bytes at the end of p begin a character that goes on in
// the next block.
func cutRune(p []byte) int {
	for k := 1; k <= 3 && k <= len(p); k++ {
		if b := p[len(p)-k]; utf8.RuneStart(b) {
			if b >= utf8.RuneSelf && !utf8.FullRune(p[len(p)-k:]) {
				return k
			}
			return 0
		}
	}
	return 0
}

func isASCII(p []byte) bool {
	const high = 0x8080808080808080
	for len(p) >= 32 {
		v := binary.LittleEndian.Uint64(p) | binary.LittleEndian.Uint64(p[8:]) |
			binary.LittleEndian.Uint64(p[16:]) | binary.LittleEndian.Uint64(p[24:])
		if v&high != 0 {
			return false
		}
		p = p[32:]
	}
	for _, b := range p {
		if b >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// readUTF16 reads two bytes for every three that p has room for, because no
// 16-bit unit needs more in UTF-8.
func (d *decoder) readUTF16(p []byte) int {
	want := len(p) / 3 * 2
	if cap(d.raw) < want {
		d.raw = make([]byte, want)
	}
	raw := d.raw[:want]
	k := copy(raw, d.carry)
	d.carry = d.carry[:0]
	m, err := d.r.Read(raw[k:])
	d.err = err
	raw = raw[:k+m]
	n, used := d.transcode(p, raw)
	if used < len(raw) {
		if err == nil {
			d.carry = append(d.carry, raw[used:]...)
		} else { // half a unit or half a pair at the very end
			d.badBytes += len(raw) - used
			n += copy(p[n:], "\uFFFD")
		}
	}
	return n
}

// transcode writes src, UTF-16, to dst as UTF-8. It leaves an odd last byte and
// a cut surrogate pair unread.
func (d *decoder) transcode(dst, src []byte) (n, used int) {
	little := d.encoding == encUTF16LE
	i := 0
	for i+1 < len(src) {
		if little {
			// Most of an export is ASCII: eight units at a step.
			for i+16 <= len(src) && n+8 <= len(dst) {
				a := binary.LittleEndian.Uint64(src[i:])
				b := binary.LittleEndian.Uint64(src[i+8:])
				if (a|b)&0xFF80FF80FF80FF80 != 0 {
					break
				}
				binary.LittleEndian.PutUint64(dst[n:], packUnits(a)|packUnits(b)<<32)
				i, n = i+16, n+8
			}
			if i+1 >= len(src) {
				break
			}
		}
		u := d.order.Uint16(src[i:])
		if u < utf8.RuneSelf {
			dst[n] = byte(u)
			n, i = n+1, i+2
			continue
		}
		r := rune(u)
		if utf16.IsSurrogate(r) {
			if i+3 >= len(src) && u < 0xDC00 {
				break
			}
			var pair rune = utf8.RuneError
			if i+3 < len(src) {
				pair = utf16.DecodeRune(r, rune(d.order.Uint16(src[i+2:])))
			}
			if r = pair; r == utf8.RuneError {
				d.badBytes += 2
			} else {
				i += 2
			}
		}
		n = len(utf8.AppendRune(dst[:n], r))
		i += 2
	}
	return n, i
}

// packUnits puts the low bytes of four ASCII units side by side.
func packUnits(v uint64) uint64 {
	v = (v | v>>8) & 0x0000FFFF0000FFFF
	return (v | v>>16) & 0xFFFFFFFF
}

// foldCR makes CR and CRLF into LF, in place; only for files whose lines end in
// a lone CR, since elsewhere a CR is part of CRLF or of a cell.
func (d *decoder) foldCR(p []byte) int {
	n := 0
	for _, b := range p {
		was := d.lastCR
		d.lastCR = b == '\r'
		switch {
		case d.lastCR:
			b = '\n'
		case b == '\n' && was:
			continue
		}
		p[n] = b
		n++
	}
	return n
}
