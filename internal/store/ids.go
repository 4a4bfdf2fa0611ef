package store

import (
	"encoding/binary"
	"strings"

	"landed/internal/fault"
)

// Ids of links, pages and outlet keys are hashes of what they identify, so that
// the same thing gets the same id however often and from whomever it comes.
// FNV-1a alone mixes the last bytes badly; a final avalanche (the one of
// MurmurHash3) spreads them. Ids are positive, 63 bits: they stand in URLs.

const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

func hashText[T string | []byte](h uint64, s T) uint64 {
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

func pageHash(site int64, sourceKey []byte) uint64 { return hashText(hashSite(site), sourceKey) }

func keyHash(key string) int64 { return hashID(hashText(fnvOffset, key)) }

// The id of a referring domain says in its upper bits how the name begins, so that
// ids order as the beginnings of usual names do, whatever the site: no index of names is
// needed to find those that begin in some way, and every index that holds the id
// can tell them. The lower bits are of the hash of the site and the whole name.
const (
	beginBytes = 4 // of the name
	rankBits   = 6 // for each of them
	shortBits  = 63 - beginBytes*rankBits
	shortHash  = 1<<shortBits - 1
)

// usualBytes are those that names of domains are made of, in their order.
const usualBytes = "-.0123456789_abcdefghijklmnopqrstuvwxyz"

// byteRanks gives each byte a number from 1 on that orders as bytes do. Each of the
// usual bytes has its own; the others share one with those around them.
var byteRanks = func() (ranks [256]byte) {
	usual := func(b int) bool { return b >= 0 && strings.IndexByte(usualBytes, byte(b)) >= 0 }
	rank := byte(1)
	for b := range ranks {
		if usual(b) || usual(b-1) {
			rank++
		}
		ranks[b] = rank
	}
	return ranks
}()

// domainBegin is the upper bits of an id. rest stands for each byte that a shorter
// name lacks: 0 in the id of such a name and in the least of those that begin with
// it, the greatest rank in the greatest of them.
func domainBegin(name string, rest byte) int64 {
	var begin int64
	for i := range beginBytes {
		rank := rest
		if i < len(name) {
			rank = byteRanks[name[i]]
		}
		begin = begin<<rankBits | int64(rank)
	}
	return begin << shortBits
}

// domainID is the id of a referring domain of a site, and of a domain that links to
// its competitors. Names that begin alike have 39 bits to differ in: two of them have
// the same id in about one of 10,000 workspaces of 700,000 domains. Whoever stores a
// name with its id must see that the id has no other name yet, and fail (sameDomain).
func domainID(site int64, domain string) int64 {
	return max(domainBegin(domain, 0)|domainHash(site, domain)&shortHash, 1) // 0 means "none" in the schema
}

// domainHash was the whole id up to schema 12.
func domainHash(site int64, domain string) int64 { return hashID(hashText(hashSite(site), domain)) }

// domainIDs is the range of the ids of all domains, of any site, whose names begin
// with a prefix. exact says that no other name has an id in it; else names that differ
// from the prefix in its later or unusual bytes have as well. "" is the range of all.
func domainIDs(prefix string) (from, to int64, exact bool) {
	exact = len(prefix) <= beginBytes
	for i := range min(len(prefix), beginBytes) {
		exact = exact && strings.IndexByte(usualBytes, prefix[i]) >= 0
	}
	return max(domainBegin(prefix, 0), 1), domainBegin(prefix, 1<<rankBits-1) | shortHash, exact
}

// sameDomain is the error of a name whose id belongs to another name.
func sameDomain(stored, name string) error {
	if stored == name {
		return nil
	}
	return fault.New(fault.Conflict, "The domains %s and %s happen to have the same number, so that only one of them can be kept. Leave the other one out", stored, name)
}
