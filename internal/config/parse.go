package config

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// ErrUsage marks a command line that could not be understood.
var ErrUsage = errors.New("wrong use")

// ErrHelp says that help was asked for and printed.
var ErrHelp = errors.New("help was printed")

// helpPrinted leaves the parser once --help has written its text: kong wants to
// end the process there.
type helpPrinted struct{}

// newParser makes kong's parser of grammar, a pointer to a struct of commands.
func newParser(grammar any, getenv func(string) string, out io.Writer) (*kong.Kong, error) {
	k, err := kong.New(grammar,
		kong.Name("landed"),
		kong.Description("Finds the pitch that earned each backlink."),
		kong.Writers(out, out),
		kong.Exit(func(int) { panic(helpPrinted{}) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, FlagsLast: true}),
		kong.Resolvers(fromEnv(getenv)),
		kong.ValueFormatter(withKey))
	if err != nil {
		return nil, fmt.Errorf("command line grammar: %w", err)
	}
	return k, nil
}

// fromEnv gives a flag the value of the variable in its tag "key". kong's own
// tag would read the process's environment instead of getenv.
func fromEnv(getenv func(string) string) kong.ResolverFunc {
	return func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		key := flag.Tag.Get("key")
		if key == "" {
			return nil, nil
		}
		text := getenv(key)
		if text == "" {
			return nil, nil
		}
		if flag.Enum != "" && !flag.EnumMap()[text] {
			return nil, fmt.Errorf("%s is %q, must be one of %s", key, text, flag.Enum)
		}
		return text, nil
	}
}

func withKey(v *kong.Value) string {
	if key := v.Tag.Get("key"); key != "" {
		return v.Help + " [$" + key + "]"
	}
	return v.Help
}

// Parse reads args into grammar and returns the chosen command, ready to Run.
// Errors are ErrUsage, naming what is wrong, or ErrHelp.
func Parse(grammar any, args []string, getenv func(string) string, out io.Writer) (run *kong.Context, err error) {
	k, err := newParser(grammar, getenv, out)
	if err != nil {
		return nil, err
	}
	defer func() {
		if p := recover(); p != nil {
			if _, ok := p.(helpPrinted); !ok {
				panic(p)
			}
			run, err = nil, ErrHelp
		}
	}()
	run, err = k.Parse(args)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUsage, err)
	}
	return run, nil
}

// Key is one setting as docs/operations.md lists it.
type Key struct {
	Flag    string // "--addr"; "" when only the environment can set it
	Env     string // "LANDED_ADDR"; "" when only a flag can
	Default string
	Help    string
}

// Keys lists every setting of grammar that has an environment variable, and the
// secrets, each once and in alphabetical order.
func Keys(grammar any) ([]Key, error) {
	k, err := newParser(grammar, func(string) string { return "" }, io.Discard)
	if err != nil {
		return nil, err
	}
	out := slices.Clone(secretKeys)
	for _, node := range k.Model.Leaves(false) {
		for _, group := range node.AllFlags(false) {
			for _, f := range group {
				if env := f.Tag.Get("key"); env != "" {
					out = append(out, Key{Flag: "--" + f.Name, Env: env, Default: f.Default, Help: f.Help})
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b Key) int { return cmp.Compare(a.Env, b.Env) })
	return slices.Compact(out), nil
}

// Command is one command as docs/cli.md lists it.
type Command struct {
	Name  string   // "import links"
	Flags []string // "--site", without --help
}

// Commands lists the commands of grammar with their flags.
func Commands(grammar any) ([]Command, error) {
	k, err := newParser(grammar, func(string) string { return "" }, io.Discard)
	if err != nil {
		return nil, err
	}
	var out []Command
	for _, node := range k.Model.Leaves(false) {
		name, _, _ := strings.Cut(node.Path(), " <") // without arguments
		c := Command{Name: name}
		for _, group := range node.AllFlags(false) {
			for _, f := range group {
				if f.Name != "help" {
					c.Flags = append(c.Flags, "--"+f.Name)
				}
			}
		}
		slices.Sort(c.Flags)
		out = append(out, c)
	}
	return out, nil
}
