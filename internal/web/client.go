package web

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// proxies are the networks whose X-Forwarded-For is believed.
type proxies []netip.Prefix

// parseProxies reads addresses and networks such as "192.0.2.10" and "10.0.0.0/8".
func parseProxies(list []string) (proxies, error) {
	var out proxies
	for _, text := range list {
		p, err := netip.ParsePrefix(text)
		if ip, single := netip.ParseAddr(text); single == nil {
			p, err = netip.PrefixFrom(ip, ip.BitLen()), nil
		}
		if err != nil {
			return nil, fmt.Errorf("trusted proxy %q is no address or network such as 10.0.0.0/8", text)
		}
		out = append(out, p)
	}
	return out, nil
}

func (p proxies) trust(ip netip.Addr) bool {
	// A zone never matches a network, and a proxy may be met on a link-local address.
	ip = ip.WithZone("")
	return slices.ContainsFunc(p, func(n netip.Prefix) bool { return n.Contains(ip) })
}

// client is who sent a request: the peer, or, if that is a trusted proxy, the
// right-most address of X-Forwarded-For that is none. What stands left of that was
// written by the client itself and means nothing. Beyond something that is no
// address there is nothing to go by either: the result is then invalid, as it is
// when every hop is trusted.
func (p proxies) client(r *http.Request) netip.Addr {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	peer, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Addr{}
	}
	peer = peer.Unmap() // one client, one spelling: a dual-stack listener sees ::ffff:192.0.2.1
	if !p.trust(peer) {
		return peer
	}
	// A header that was sent several times counts as one list.
	for _, line := range slices.Backward(r.Header["X-Forwarded-For"]) {
		hops := strings.Split(line, ",")
		for _, hop := range slices.Backward(hops) {
			if hop = strings.TrimSpace(hop); hop == "" {
				continue
			}
			ip, err := netip.ParseAddr(hop)
			if err != nil {
				return netip.Addr{}
			}
			if ip = ip.Unmap().WithZone(""); !p.trust(ip) {
				return ip
			}
		}
	}
	return netip.Addr{}
}
