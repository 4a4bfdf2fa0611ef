package store

import (
	"slices"

	"landed/internal/attribution"
	"landed/internal/pitches"
)

// frozen is who and what a credit or an assist is counted for. It stays as it
// was when the link was credited, whatever becomes of the pitch.
type frozen struct {
	owner     int64
	ownerName string // of an owner without an account
	campaign  string
	sentOn    string
}

func (c *creditRow) freeze(f frozen) {
	c.owner, c.ownerName, c.campaign, c.sentOn = f.owner, f.ownerName, f.campaign, f.sentOn
}

func frozenPitch(p *pitches.Pitch) frozen {
	f := frozen{owner: p.OwnerID, campaign: p.Campaign, sentOn: p.SentOn.String()}
	if p.OwnerID == 0 {
		f.ownerName = p.OwnerName
	}
	return f
}

func (a *attributor) frozenOf(p *attribution.Pitch) frozen {
	return frozen{p.OwnerID, a.names[p.ID], p.Campaign, p.SentOn.String()}
}

// assistRow is a row of assist; its reasons are only written.
type assistRow struct {
	pitch int64
	score int
	frozen
}

// runnersUp are the pitches that had a part in a link besides the one that it is
// credited to. When a person chose another pitch than the rules would, that
// of the rules is one of them.
func runnersUp(d *attribution.Decision, credited int64, suggestAt int) []attribution.Candidate {
	if d.Best.PitchID == credited || credited == 0 {
		return d.Assists
	}
	all := d.Assists
	if d.Best.Score >= suggestAt && d.Band != attribution.NoBand {
		all = slices.Insert(slices.Clone(all), 0, d.Best)
	}
	return slices.DeleteFunc(slices.Clone(all), func(c attribution.Candidate) bool { return c.PitchID == credited })
}

// assists keeps the runners-up of a link's attribution c; c.pitch is 0 when
// there is none. What is frozen in them stays while the link is credited, which
// was says of before.
func (a *attributor) assists(c *creditRow, was bool, list []attribution.Candidate, candidates []attribution.Pitch, old []assistRow) error {
	if a.preview || len(list) == 0 && len(old) == 0 {
		return nil
	}
	now := make([]assistRow, len(list))
	for i, d := range list {
		now[i] = assistRow{pitch: d.PitchID, score: d.Score}
		if o := slices.IndexFunc(old, func(r assistRow) bool { return r.pitch == d.PitchID }); o >= 0 && was && c.state.Credited() {
			now[i].frozen = old[o].frozen
		} else if p := slices.IndexFunc(candidates, func(p attribution.Pitch) bool { return p.ID == d.PitchID }); p >= 0 {
			now[i].frozen = a.frozenOf(&candidates[p])
		}
	}
	another := func(r assistRow) bool { return !slices.Contains(old, r) }
	if len(old) > 0 && len(now) == len(old) && !slices.ContainsFunc(now, another) { // a pitch is among them once
		return nil
	}
	if len(old) > 0 {
		if _, err := a.tx.ExecContext(a.ctx, `DELETE FROM assist WHERE link_id = $1`, c.link); err != nil {
			return err
		}
	}
	for i, r := range now {
		a.reasons = appendReasons(a.reasons[:0], list[i].Reasons)
		if err := a.saveAssist(c.link, r, string(a.reasons)); err != nil {
			return err
		}
	}
	if a.first == nil {
		a.touched.day(c.firstSeen)
	}
	return nil
}

func (a *attributor) saveAssist(link int64, r assistRow, reasons string) error {
	if a.first != nil {
		a.first.assists = append(a.first.assists, firstAssist{link, r})
	}
	if a.insertAssist == nil {
		var err error
		a.insertAssist, err = prepareBulk(a.ctx, a.tx, a.conn, `INSERT INTO assist (link_id, pitch_id, score, reasons, owner_id, owner_name, campaign, sent_on) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`)
		if err != nil {
			return err
		}
	}
	a.insertAssist.ints(link, r.pitch, int64(r.score))
	a.insertAssist.texts(reasons)
	a.insertAssist.ints(r.owner)
	a.insertAssist.texts(r.ownerName, r.campaign, r.sentOn)
	return a.insertAssist.exec()
}
