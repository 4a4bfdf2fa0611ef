package config

// Secrets come from the environment alone.
type Secrets struct {
	AhrefsToken   string
	AhrefsBaseURL string // another server that speaks the same API, as the demo's
	MasterKey     string // opens what the database keeps sealed; "" = MasterKeyFile
	MasterKeyFile string // "" = a file in the data directory
}

// secretKeys documents what only the environment can set.
var secretKeys = []Key{
	{Env: "LANDED_AHREFS_TOKEN", Help: "API token of Ahrefs. It wins over one that is saved under Settings, Provider. Without either nothing is pulled; files can still be imported."},
	{Env: "LANDED_AHREFS_BASE_URL", Help: "Address of another server that speaks the Ahrefs API. The token is sent there; its use is logged."},
	{Env: "LANDED_MASTER_KEY", Help: "Key that opens the saved token: 32 bytes in hex or base64, as “landed key new” prints them. Several parted by commas while one is replaced: the first seals, all open."},
	{Env: "LANDED_MASTER_KEY_FILE", Help: "File of the same, readable by its owner alone. Without either: master.key in the data directory, made at first use."},
}

// ReadSecrets reads them through getenv.
func ReadSecrets(getenv func(string) string) Secrets {
	return Secrets{
		AhrefsToken:   getenv("LANDED_AHREFS_TOKEN"),
		AhrefsBaseURL: getenv("LANDED_AHREFS_BASE_URL"),
		MasterKey:     getenv("LANDED_MASTER_KEY"),
		MasterKeyFile: getenv("LANDED_MASTER_KEY_FILE"),
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
