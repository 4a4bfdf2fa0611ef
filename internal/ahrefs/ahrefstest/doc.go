// Package ahrefstest is a fake Ahrefs server for tests and for the demo. It
// serves two endpoint sets from one World of links and can be told to misbehave.
// It is stricter than a real server: unknown parameters, fields and unescaped
// queries are refused, so that a client's slip shows.
//
// Server.Sets chooses: Playbook (the default), V3, or Both. With Both, the one
// path that is in both sets, all-backlinks, is V3's when the request has history,
// aggregation, protocol, mode=subdomains or a where of JSON.
//
// # What V3 does
//
//   - Paths: site-explorer/{domain-rating, backlinks-stats, metrics,
//     domain-rating-history, refdomains-history, all-backlinks, refdomains, anchors}
//     and subscription-info/limits-and-usage. Any other is 404.
//   - select is required for lists, and only its fields are answered. where is JSON
//     (see parseWhere). What is unknown, or not allowed in that place, is 400.
//   - No offset and no total. Rows that order_by leaves equal come in an order that
//     changes with the question, and with each request when ShuffleTies is set.
//   - history=live shows what lives, since:DATE also what was lost from that day on,
//     all_time (the default) all. mode=domain is the host alone, without www too;
//     subdomains, the default, is the host and all below it.
//   - A link that was lost and came back is one row: is_lost false, discovered_status
//     linkrestored, first_seen_link still the day of its first life. Link.Late makes
//     the index show a link, and its loss, later than it dates them.
//   - first_seen is the page's date, always before first_seen_link unless
//     Link.PageSeen says otherwise. Times of day are those of eight crawls a day, so
//     links share timestamps.
//   - A limit above Plan.Rows is 400 and names the limit. Without a limit the answer
//     has min(1000, Plan.Rows) rows.
//   - Price: max(50, rows × the prices of the distinct fields in select, where and
//     order_by), 1 each but for some of 5 and 10; the same for histories with their
//     fields. limits-and-usage is free, and so are the vendor's three test targets.
//     The headers x-api-rows, -units-cost-row, -units-cost-total,
//     -units-cost-total-actual and -cache are on each 200.
//   - Cache: the same question of the same key is answered again, for 0 units, until
//     CacheFor (10 minutes) has passed by the World's clock or the World was changed.
//     CacheFor = 0 turns it off and says no_cache.
//   - Allowance: MonthlyUnits of the workspace and KeyUnits of each key, in a calendar
//     month of the World's clock; what would go over is 403. Plan.Without lists
//     endpoints that are 403. An expired key (KeyExpires) is 401.
//   - Pace: PerMinute requests in any 60 s by Server.Now, over all keys; Throttle adds
//     refusals of the same kind. 429 has no Retry-After.
//   - Only answers that went out with status 200 are charged and cached: a fault that
//     puts another status in their place, or none, costs nothing. A 200 that a fault
//     mangled is charged.
//
// Not simulated: other outputs than JSON, stale cached answers, metrics-history and
// broken-backlinks, and the vendor's exact error texts, which are not published.
package ahrefstest
