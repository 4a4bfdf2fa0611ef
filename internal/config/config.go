// Package config has every setting of the program: the flags and arguments of
// each command, the environment variables beside them, and the secrets, which
// come from the environment alone because a flag can be read by every user of
// the machine.
package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// Data is what every command takes. The tag "env" names the environment
// variable of a flag; a flag on the command line wins over it.
type Data struct {
	Data string `long:"data" env:"LANDED_DATA" default:"./data" value-name:"DIR" description:"Directory of the database, its backups and uploads; made when missing."`
}

// Listen is the address of a server.
type Listen struct {
	Addr string `long:"addr" env:"LANDED_ADDR" default:"127.0.0.1:8080" value-name:"HOST:PORT" description:"Address to listen on; port 0 takes a free one."`
}

// Serve are the settings of the server.
type Serve struct {
	Data
	Listen
	BaseURL         string        `long:"base-url" env:"LANDED_BASE_URL" value-name:"URL" description:"Address that people use, such as https://links.example.com; links that leave the program begin with it. Without it: http:// and --addr."`
	TrustedProxies  List          `long:"trusted-proxies" env:"LANDED_TRUSTED_PROXIES" value-name:"CIDR,..." description:"Reverse proxies whose X-Forwarded-For is believed; none by default."`
	InsecureCookies bool          `long:"insecure-cookies" env:"LANDED_INSECURE_COOKIES" description:"Let people sign in over plain http from other machines. Anybody on the way can then take over a session."`
	HSTS            bool          `long:"hsts" env:"LANDED_HSTS" description:"Tell browsers to use https for this host for a year."`
	SessionIdle     time.Duration `long:"session-idle" env:"LANDED_SESSION_IDLE" default:"1h" value-name:"TIME" description:"A session ends after this time without a request."`
	SessionLifetime time.Duration `long:"session-lifetime" env:"LANDED_SESSION_LIFETIME" default:"12h" value-name:"TIME" description:"A session ends after this time in any case."`
	MaxUpload       int64         `long:"max-upload" env:"LANDED_MAX_UPLOAD" default:"10" value-name:"MB" description:"Largest file that may be uploaded, in megabytes. The command line has no limit."`
	SyncEvery       time.Duration `long:"sync-every" env:"LANDED_SYNC_EVERY" default:"168h" value-name:"TIME" description:"Time between two syncs of a site when an API token is set; 0 switches them off."`
	Ahrefs
	Log
}

// Ahrefs says which of its two sets of endpoints the API at hand has.
type Ahrefs struct {
	AhrefsEndpoints string `long:"ahrefs-endpoints" env:"LANDED_AHREFS_ENDPOINTS" default:"auto" choice:"auto" choice:"playbook" choice:"v3" description:"Endpoint set of the Ahrefs API: auto, playbook or v3."`
}

// Log is how much is written to standard error.
type Log struct {
	LogLevel string `long:"log-level" env:"LANDED_LOG_LEVEL" default:"info" choice:"debug" choice:"info" choice:"warn" choice:"error" description:"Least important lines to log: debug, info, warn or error."`
}

// Demo are the settings of the throw-away workspace. Without --data it lives in
// a temporary directory that is removed at the end.
type Demo struct {
	Data string `long:"data" value-name:"DIR" description:"Keep the demo workspace in this directory, which must be empty or missing."`
	Listen
	Log
}

// Import are the settings of both imports.
type Import struct {
	Data
	Args struct {
		File string `positional-arg-name:"FILE" description:"File to read; - reads standard input."`
	} `positional-args:"yes" required:"yes"`
	Site   string `long:"site" required:"yes" value-name:"HOST" description:"Our site that the file is about."`
	DryRun bool   `long:"dry-run" description:"Read and match, say what would happen, store nothing."`
	JSON   bool   `long:"json" description:"Print the outcome as JSON."`
}

// Attribute are the settings of a run of the matching rules.
type Attribute struct {
	Data
	Full bool `long:"full" description:"Decide every link anew, not only those that wait for it. What people decided stays."`
}

// Sync are the settings of one pull from the provider.
type Sync struct {
	Data
	Site   string `long:"site" value-name:"HOST" description:"Only this site."`
	DryRun bool   `long:"dry-run" description:"Say what a sync would do and cost; ask for nothing that costs units."`
	Full   bool   `long:"full" description:"Check every link: list all that live as well, 13 units each, so that one which two such lists lack is lost."`
	Years  int    `long:"years" value-name:"N" description:"Bring the history of the last N years, which costs 8 units a week of it; of a site that was synced before, nothing else."`
	Ahrefs
}

// Validate refuses a history that no provider has.
func (s Sync) Validate() error {
	if s.Years < 0 || s.Years > 30 {
		return fmt.Errorf("--years must be 1 to 30")
	}
	return nil
}

// Export are the settings of an export.
type Export struct {
	Data
	Args struct {
		What string `positional-arg-name:"WHAT" description:"What to export: pitches, links or credits."`
	} `positional-args:"yes" required:"yes"`
	Format string `long:"format" default:"csv" choice:"csv" choice:"json" description:"csv or json."`
	Site   string `long:"site" value-name:"HOST" description:"Only this site."`
	Out    string `long:"out" value-name:"FILE" description:"File to write; standard output when left out."`
}

// UserAdd makes an account.
type UserAdd struct {
	Data
	Args struct {
		Email string `positional-arg-name:"EMAIL" description:"E-mail address to sign in with."`
	} `positional-args:"yes" required:"yes"`
	Name          string `long:"name" description:"Name as screens show it; the address's first part when left out."`
	Role          string `long:"role" default:"staff" choice:"viewer" choice:"staff" choice:"manager" choice:"admin" description:"viewer, staff, manager or admin."`
	PasswordStdin bool   `long:"password-stdin" description:"Read the password from the first line of standard input. Otherwise one is made and printed once."`
}

// UserReset gives an account a new password and ends its sessions.
type UserReset struct {
	Data
	Args struct {
		Email string `positional-arg-name:"EMAIL" description:"E-mail address of the account."`
	} `positional-args:"yes" required:"yes"`
	PasswordStdin bool `long:"password-stdin" description:"Read the password from the first line of standard input. Otherwise one is made and printed once."`
}

// UserList lists the accounts.
type UserList struct{ Data }

// SiteAdd makes a site of ours.
type SiteAdd struct {
	Data
	Args struct {
		Host string `positional-arg-name:"HOST" description:"Host of the site, such as example.com."`
	} `positional-args:"yes" required:"yes"`
}

// SiteList lists the sites.
type SiteList struct{ Data }

// Backup writes a consistent copy of the database, also of a running server's.
type Backup struct {
	Data
	Args struct {
		File string `positional-arg-name:"FILE" description:"File to write; it must not exist."`
	} `positional-args:"yes" required:"yes"`
}

// Restore puts a backup in the place of the database and keeps the old file.
type Restore struct {
	Data
	Args struct {
		File string `positional-arg-name:"FILE" description:"Backup to restore."`
	} `positional-args:"yes" required:"yes"`
}

// Check looks for damage and for figures that do not add up.
type Check struct{ Data }

// KeyNew prints a master key.
type KeyNew struct{ Data }

// KeyRotate seals the saved tokens with another master key.
type KeyRotate struct{ Data }

// Version prints which program this is.
type Version struct{ Data }

// Validate refuses what the grammar of arguments cannot.
func (e Export) Validate() error {
	if what := e.Args.What; what != "pitches" && what != "links" && what != "credits" {
		return fmt.Errorf("WHAT is %q, must be pitches, links or credits", what)
	}
	return nil
}

// Validate refuses settings that would only fail later.
func (s Serve) Validate() error {
	if s.BaseURL != "" {
		u, err := url.Parse(s.BaseURL)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil ||
			strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
			return fmt.Errorf("--base-url: %q is not an address like https://links.example.com", s.BaseURL)
		}
	}
	if err := s.reachable(); err != nil {
		return err
	}
	if _, err := s.Proxies(); err != nil {
		return err
	}
	if s.SessionIdle <= 0 || s.SessionLifetime < s.SessionIdle {
		return fmt.Errorf("--session-idle must be more than 0 and not more than --session-lifetime")
	}
	if s.MaxUpload < 1 {
		return fmt.Errorf("--max-upload must be 1 or more")
	}
	if s.SyncEvery < 0 {
		return fmt.Errorf("--sync-every must not be negative")
	}
	return nil
}

// reachable refuses to listen for other machines without knowing how they get
// here: the cookies of plain http on this machine would go out to all of them.
func (s Serve) reachable() error {
	host, _, err := net.SplitHostPort(s.Addr)
	if err != nil {
		return fmt.Errorf("--addr: %q is not HOST:PORT", s.Addr)
	}
	ip, err := netip.ParseAddr(host)
	if s.BaseURL != "" || s.InsecureCookies || host == "localhost" || err == nil && ip.IsLoopback() {
		return nil
	}
	return fmt.Errorf("--addr: other machines reach %s; say with --base-url which https address they use, or set --insecure-cookies if you trust the network", s.Addr)
}

// Proxies are the trusted proxies; a single address counts as a network of one.
func (s Serve) Proxies() ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, text := range s.TrustedProxies {
		text = strings.TrimSpace(text)
		if addr, err := netip.ParseAddr(text); err == nil {
			out = append(out, netip.PrefixFrom(addr, addr.BitLen()))
			continue
		}
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("--trusted-proxies: %q is neither an address nor a network like 10.0.0.0/8", text)
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

// Base is the address that people use, without a slash at the end.
func (s Serve) Base() string {
	if s.BaseURL == "" {
		return "http://" + s.Addr
	}
	return strings.TrimRight(s.BaseURL, "/")
}
