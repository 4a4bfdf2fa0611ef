package auth

// Role is what an account may do. Each role may do all that the ones below it
// may. The zero value grants and demands nothing that can be met, so that a
// forgotten role closes a door instead of opening it.
type Role int8

const (
	NoRole  Role = iota // forgotten: refused everywhere
	Anyone              // nobody needs to be signed in
	Viewer              // reads
	Staff               // and does the outreach work
	Manager             // and sees costs and reports
	Admin               // and has users, tokens and settings
)

// Roles are those an account can have, the weakest first.
var Roles = []Role{Viewer, Staff, Manager, Admin}

var roleNames = map[Role]string{Viewer: "viewer", Staff: "staff", Manager: "manager", Admin: "admin"}

// String is the name that forms and the database use; "" for the first two.
func (r Role) String() string { return roleNames[r] }

// Label is the role as people read it.
func (r Role) Label() string {
	switch r {
	case Viewer:
		return "Read only"
	case Staff:
		return "Outreach"
	case Manager:
		return "Manager"
	case Admin:
		return "Admin"
	}
	return ""
}

// ParseRole reads a name that String gave. Anything else is NoRole and false.
func ParseRole(name string) (Role, bool) {
	for r, n := range roleNames {
		if n == name {
			return r, true
		}
	}
	return NoRole, false
}

// AtLeast reports whether r may do what needs the role min. A min of NoRole is
// never met.
func (r Role) AtLeast(min Role) bool {
	return r != NoRole && min != NoRole && r >= min
}
