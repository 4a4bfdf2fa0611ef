package config

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"github.com/jessevdk/go-flags"
)

// ErrUsage marks a command line that could not be understood.
var ErrUsage = errors.New("wrong use")

// ErrHelp says that help was asked for and printed.
var ErrHelp = errors.New("help was printed")

// defaultCommand runs when the command line names none.
const defaultCommand = "serve"

// newParser makes the parser of grammar, a pointer to a struct of commands.
func newParser(grammar any) (*flags.Parser, error) {
	p := flags.NewNamedParser("landed", flags.HelpFlag|flags.PassDoubleDash|flags.AllowBoolValues)
	p.LongDescription = "Finds the pitch that earned each backlink. “landed COMMAND --help” explains a command; without one, " + defaultCommand + " runs."
	if _, err := p.AddGroup("Flags", "", grammar); err != nil {
		return nil, fmt.Errorf("command line grammar: %w", err)
	}
	eachCommand(p.Command, func(_ string, c *flags.Command) {
		c.LongDescription = c.ShortDescription
		for _, o := range c.Options() {
			o.EnvDefaultKey = "" // the parser would read the process's environment
		}
	})
	return p, nil
}

// eachCommand visits the commands below c with their whole names, parents first.
func eachCommand(c *flags.Command, visit func(name string, c *flags.Command)) {
	for _, sub := range c.Commands() {
		visit(sub.Name, sub)
		eachCommand(sub, func(name string, below *flags.Command) { visit(sub.Name+" "+name, below) })
	}
}

// envKey is the variable of an option; "" when it has none.
func envKey(o *flags.Option) string { return o.Field().Tag.Get("env") }

// Chosen is the command that a command line names.
type Chosen struct {
	Name     string // "import links"
	Settings any    // pointer to the command's struct in the grammar, filled
}

// Parse reads args into grammar and returns the chosen command. Errors are
// ErrUsage, naming what is wrong, or ErrHelp.
func Parse(grammar any, args []string, getenv func(string) string, out io.Writer) (Chosen, error) {
	p, err := newParser(grammar)
	if err != nil {
		return Chosen{}, err
	}
	if len(args) == 0 || strings.HasPrefix(args[0], "-") && args[0] != "--help" && args[0] != "-h" {
		args = append([]string{defaultCommand}, args...)
	}
	rest, err := p.ParseArgs(args)
	if flags.WroteHelp(err) {
		printHelp(p, out)
		return Chosen{}, ErrHelp
	}
	if err != nil {
		return Chosen{}, fmt.Errorf("%w: %w", ErrUsage, nameFlag(err, rest))
	}
	if len(rest) > 0 {
		return Chosen{}, fmt.Errorf("%w: unexpected argument %s", ErrUsage, rest[0])
	}
	chosen, active := choose(p, grammar)
	if err := fromEnv(active, getenv); err != nil {
		return Chosen{}, fmt.Errorf("%w: %w", ErrUsage, err)
	}
	if v, ok := chosen.Settings.(interface{ Validate() error }); ok {
		if err := v.Validate(); err != nil {
			return Chosen{}, fmt.Errorf("%w: %w", ErrUsage, err)
		}
	}
	return chosen, nil
}

// printHelp writes the help of the command that args came to, with the
// variables of its flags.
func printHelp(p *flags.Parser, out io.Writer) {
	eachCommand(p.Command, func(_ string, c *flags.Command) {
		for _, o := range c.Options() {
			o.EnvDefaultKey = envKey(o)
		}
	})
	p.Options &^= flags.HelpFlag // it would put an [OPTIONS] behind the name, where none go
	p.WriteHelp(out)
}

// nameFlag writes an unknown flag as it was typed, without its value, which may
// be a secret. The first of rest is where the parser stopped.
func nameFlag(err error, rest []string) error {
	if e, ok := errors.AsType[*flags.Error](err); ok && e.Type == flags.ErrUnknownFlag && len(rest) > 0 {
		name, _, _ := strings.Cut(rest[0], "=")
		return fmt.Errorf("unknown flag %s", name)
	}
	return err
}

// choose finds the struct in grammar of the command that p came to: the parser
// knows it but does not hand it out.
func choose(p *flags.Parser, grammar any) (Chosen, *flags.Command) {
	var names []string
	settings, c := reflect.ValueOf(grammar).Elem(), p.Command
	for c.Active != nil {
		c = c.Active
		names = append(names, c.Name)
		for field, value := range settings.Fields() {
			if field.Tag.Get("command") == c.Name {
				settings = value
				break
			}
		}
	}
	return Chosen{Name: strings.Join(names, " "), Settings: settings.Addr().Interface()}, c
}

// fromEnv gives the flags of c that the command line left out the values of
// their variables.
func fromEnv(c *flags.Command, getenv func(string) string) error {
	for _, o := range c.Options() {
		key := envKey(o)
		if key == "" || !o.IsSetDefault() {
			continue
		}
		text := getenv(key)
		if text == "" {
			continue
		}
		if _, isBool := o.Value().(bool); isBool {
			text = yesNo(text)
		}
		if err := o.Set(&text); err != nil {
			return fmt.Errorf("%s (%s): %w", key, o, err)
		}
	}
	return nil
}

// yesNo lets a variable say yes and no as well as true and false.
func yesNo(text string) string {
	switch strings.ToLower(text) {
	case "yes":
		return "true"
	case "no":
		return "false"
	}
	return text
}

// List is a setting of several values with commas between them. The flag may
// also be given more than once.
type List []string

// UnmarshalFlag adds the values in text.
func (l *List) UnmarshalFlag(text string) error {
	*l = append(*l, strings.Split(text, ",")...)
	return nil
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
	p, err := newParser(grammar)
	if err != nil {
		return nil, err
	}
	out := slices.Clone(secretKeys)
	eachCommand(p.Command, func(_ string, c *flags.Command) {
		for _, o := range c.Options() {
			if env := envKey(o); env != "" {
				out = append(out, Key{Flag: "--" + o.LongName, Env: env, Default: strings.Join(o.Default, ","), Help: o.Description})
			}
		}
	})
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
	p, err := newParser(grammar)
	if err != nil {
		return nil, err
	}
	var out []Command
	eachCommand(p.Command, func(name string, c *flags.Command) {
		if len(c.Commands()) > 0 {
			return
		}
		command := Command{Name: name}
		for _, o := range c.Options() {
			command.Flags = append(command.Flags, "--"+o.LongName)
		}
		slices.Sort(command.Flags)
		out = append(out, command)
	})
	return out, nil
}
