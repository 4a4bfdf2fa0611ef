package config

// Secrets come from the environment alone.
type Secrets struct {
	AhrefsToken   string
	AhrefsBaseURL string // another server that speaks the same API, as the demo's
}

// secretKeys documents what only the environment can set.
var secretKeys = []Key{
	{Env: "LANDED_AHREFS_TOKEN", Help: "API token of Ahrefs. Without it nothing is pulled; files can still be imported."},
	{Env: "LANDED_AHREFS_BASE_URL", Help: "Address of another server that speaks the Ahrefs API. The token is sent there; its use is logged."},
}

// ReadSecrets reads them through getenv.
func ReadSecrets(getenv func(string) string) Secrets {
	return Secrets{
		AhrefsToken:   getenv("LANDED_AHREFS_TOKEN"),
		AhrefsBaseURL: getenv("LANDED_AHREFS_BASE_URL"),
	}
}

// String keeps the token out of logs that print the struct.
func (s Secrets) String() string {
	if s.AhrefsToken == "" {
		return "no Ahrefs token"
	}
	return "Ahrefs token set"
}

// GoString does the same for %#v.
func (s Secrets) GoString() string { return s.String() }
