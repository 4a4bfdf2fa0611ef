package store

import "encoding/binary"

// Ids of links, pages and outlet keys are hashes of what they identify, so that
// the same thing gets the same id however often and from whomever it comes.
// FNV-1a alone mixes the last bytes badly; a final avalanche (the one of
// MurmurHash3) spreads them. Ids are positive, 63 bits: they stand in URLs.

const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

func hashText(h uint64, s string) uint64 {
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * fnvPrime
	}
	return (h ^ 0xff) * fnvPrime // an end mark, so that "ab","c" is not "a","bc"
}

func hashID(h uint64) int64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	h ^= h >> 33
	if h &= 1<<63 - 1; h == 0 {
		h = 1 // 0 means "none" in the schema
	}
	return int64(h)
}

func hashSite(site int64) uint64 {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], uint64(site))
	return hashText(fnvOffset, string(b[:]))
}

func pageHash(site int64, sourceKey string) uint64 { return hashText(hashSite(site), sourceKey) }

func keyHash(key string) int64 { return hashID(hashText(fnvOffset, key)) }

// headBytes is how much of a domain's name link.head holds.
const headBytes = 7

// domainHead is the beginning of a domain's name as a number, which orders as the
// names do, so that lists narrowed by how a name begins need only compare numbers
// that stand in their index. fill stands for what a shorter name lacks: 0 gives
// the least number of names that begin so, 0xff the greatest.
func domainHead(name string, fill byte) int64 {
	var head int64
	for i := range headBytes {
		b := fill
		if i < len(name) {
			b = name[i]
		}
		head = head<<8 | int64(b)
	}
	return head
}

func domainHash(site int64, domain string) int64 { return hashID(hashText(hashSite(site), domain)) }
