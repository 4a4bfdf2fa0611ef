/* Landed: progressive enhancement only. Every page works without this file. No eval, no inline styles in markup. */
(() => {
  'use strict';
  const d = document, root = d.documentElement;
  const $ = (s, r = d) => r.querySelector(s), $$ = (s, r = d) => [...r.querySelectorAll(s)];
  const typing = e => /^(INPUT|TEXTAREA|SELECT)$/.test(e.target.tagName) && !/^(checkbox|radio)$/.test(e.target.type) || e.target.isContentEditable;

  /* htmx comes with the first sign that somebody uses the page, since reading one needs none of it; what the page says
     to load by itself brings it at once. Resolves when htmx is there. It would miss a document that is still loading */
  const src = d.currentScript.dataset.htmx;
  let htmx_;
  const wantHTMX = () => htmx_ ||= new Promise(done => {
    if (window.htmx || !src) return done();
    const add = () => { const s = d.createElement('script'); s.src = src; s.onload = done; s.onerror = () => { htmx_ = 0; }; d.head.append(s); };
    d.readyState === 'complete' ? add() : addEventListener('load', () => setTimeout(add));
  });
  ['pointerover', 'pointerdown', 'focusin', 'keydown'].forEach(n => d.addEventListener(n, wantHTMX, { once: true, passive: true, capture: true }));
  if ($('[hx-trigger~=load],[data-htmx-now]')) wantHTMX();
  /* a field that was changed before htmx came is changed once more for it */
  d.addEventListener('change', e => { const t = e.target; if (!window.htmx && src && t.closest('[hx-trigger*=change]')) wantHTMX().then(() => t.dispatchEvent(new Event('change', { bubbles: true }))); }, true);

  /* theme: auto, light, dark; the choice is kept in a cookie so the server can print it on <html> */
  d.addEventListener('click', e => {
    const b = e.target.closest('[data-theme-set]');
    if (!b) return;
    const t = b.dataset.themeSet;
    if (t === 'auto') delete root.dataset.theme; else root.dataset.theme = t;
    d.cookie = 'theme=' + t + ';path=/;max-age=31536000;samesite=lax';
    $$('[data-theme-set]').forEach(x => x.setAttribute('aria-pressed', x === b));
  });

  /* menus are native popovers (top layer, light dismiss, Escape, focus return). Close after a choice; place them where CSS anchors are missing */
  d.addEventListener('click', e => { const c = e.target.closest('[popover] a, [popover] button'); if (c && !c.hasAttribute('popovertarget')) c.closest('[popover]').hidePopover(); });
  if (!CSS.supports('position-area', 'bottom')) d.addEventListener('toggle', e => {
    const p = e.target; if (e.newState !== 'open' || !p.matches('[popover].pop')) return;
    const b = (p.id === 'why' ? asked : $(`[popovertarget="${p.id}"]`)).getBoundingClientRect(), w = p.offsetWidth, h = p.offsetHeight;
    p.style.margin = 0; p.style.left = Math.max(8, Math.min(innerWidth - w - 8, p.classList.contains('start') ? b.left : b.right - w)) + 'px'; p.style.top = (b.bottom + h + 8 > innerHeight && b.top > h ? b.top - h - 6 : b.bottom + 6) + 'px';
  }, true);

  /* evidence of a row's match: one popover for the list, filled by the server */
  let asked;
  d.addEventListener('click', e => {
    const a = e.target.closest('a[data-why]'), p = $('#why');
    if (!a || !p || e.metaKey || e.ctrlKey || e.shiftKey) return;
    e.preventDefault(); asked = a; p.replaceChildren();
    wantHTMX().then(() => htmx.ajax('GET', a.getAttribute('href') + '/why', { target: p, swap: 'innerHTML' })).then(() => {
      if (asked !== a || !p.hasChildNodes()) return;
      p.showPopover({ source: a }); p.focus();
    });
  });

  /* cut text shows in whole under the pointer */
  d.addEventListener('pointerover', e => { const t = e.target.closest('.trunc'); if (t && !t.title && t.scrollWidth > t.clientWidth) t.title = t.textContent.trim(); });

  /* dialogs: <a href="/pitches/new" data-dialog="new-pitch"> falls back to the page behind the link. A body with
     data-lazy is fetched by htmx the first time it opens and again after it was saved (landed:close) */
  const openDlg = id => {
    const x = d.getElementById(id); if (!x || !x.showModal || x.open) return false;
    x.showModal();
    const z = $('[data-lazy="wait"]', x); if (z) { z.dataset.lazy = 'done'; wantHTMX().then(() => z.dispatchEvent(new Event('landed:open'))); }
    const f = $('[autofocus]', x); if (f) f.focus();
    return true;
  };
  d.addEventListener('click', e => {
    const o = e.target.closest('[data-dialog]');
    if (o && !e.metaKey && !e.ctrlKey && openDlg(o.dataset.dialog)) e.preventDefault();
    const c = e.target.closest('[data-close]');
    if (c) c.closest('dialog').close();
    if (e.target.tagName === 'DIALOG') e.target.close();
  });

  /* toasts: polite live region; stay while hovered or focused; errors stay until closed */
  /* Undo is a plain POST, the same with and without script: the address comes from the server, the token from <body> */
  const undoForm = url => {
    const f = d.createElement('form'), b = d.createElement('button'); f.method = 'post'; f.action = url;
    const put = (n, v) => { const i = d.createElement('input'); i.type = 'hidden'; i.name = n; i.value = v; f.append(i); };
    put('csrf', JSON.parse(d.body.getAttribute('hx-headers') || '{}')['X-CSRF-Token'] || ''); put('back', location.pathname + location.search);
    b.textContent = 'Undo'; f.append(b); return f;
  };
  const live = t => {
    let n; const arm = () => { clearTimeout(n); if (!t.classList.contains('bad')) n = setTimeout(() => t.remove(), 6000); };
    const hold = () => clearTimeout(n); t.addEventListener('pointerenter', hold); t.addEventListener('focusin', hold); t.addEventListener('pointerleave', arm); arm();
  };
  d.addEventListener('click', e => { const c = e.target.closest('[data-toast-close]'); if (c) c.closest('.toast').remove(); });
  $$('#toasts .toast').forEach(live);
  const toast = (text, opt = {}) => {
    const box = $('#toasts'); if (!box) return;
    $$('.toast:not(.bad)', box).forEach(x => x.remove()); /* one at a time: the page itself shows what was done before */
    const t = d.createElement('div'); t.className = 'toast' + (opt.bad ? ' bad' : '');
    const s = d.createElement('span'); s.textContent = text; t.append(s);
    if (opt.undo) t.append(undoForm(opt.undo));
    const x = d.createElement('button'); x.type = 'button'; x.textContent = 'Close'; x.dataset.toastClose = ''; t.append(x);
    box.append(t); live(t);
  };
  d.addEventListener('landed:close', () => { const x = $('dialog[open]'); if (!x) return; x.close(); const z = $('[data-lazy]', x); if (z) z.dataset.lazy = 'wait'; });
  const failed = (e, what) => toast(e.detail.requestConfig.verb === 'get' ? 'Not loaded: the server ' + what + '.' : 'Not saved: the server ' + what + '. Your change is still in the field.', { bad: true });
  d.addEventListener('htmx:responseError', e => failed(e, 'answered ' + e.detail.xhr.status));
  d.addEventListener('htmx:sendError', e => failed(e, 'did not answer'));
  /* a form that came back with errors: read the summary out */
  d.addEventListener('htmx:afterSettle', e => { const s = $('.note[role=alert][tabindex="-1"]', e.detail.elt); if (s) s.focus(); });
  d.addEventListener('landed:toast', e => toast(e.detail.text || e.detail.value, e.detail));

  /* what comes next in a queue: focus stays on the button that was pressed, which htmx finds again by its id; after a
     key, or from a dialog that is gone, it goes to the heading of the new case, so that this is read out */
  d.addEventListener('htmx:afterSettle', () => { const f = $('[data-focus]'); if (f && (d.activeElement === d.body || !d.activeElement)) { f.focus({ preventScroll: true }); f.scrollIntoView({ block: 'nearest' }); } });
  /* out of a field and back to the keys */
  d.addEventListener('keydown', e => { if (e.key === 'Escape' && typing(e) && !e.defaultPrevented && !e.target.closest('dialog, [popover]')) e.target.blur(); });

  /* row selection: select all, shift-click ranges, live count */
  const boxes = t => $$('tbody .sel input[type=checkbox]', t);
  let lastBox;
  const count = l => { const n = $$('tbody .sel input:checked', l).length, c = $('[data-count]', l); if (c) c.textContent = n + ' selected'; const a = $('thead .sel input', l), all = boxes(l).length; if (a) { a.checked = n > 0 && n === all; a.indeterminate = n > 0 && n < all; } };
  d.addEventListener('click', e => {
    const b = e.target; if (!b.matches || !b.matches('.sel input[type=checkbox]')) return;
    const l = b.closest('.listbox'); if (!l) return;
    if (b.closest('thead')) boxes(l).forEach(x => { x.checked = b.checked; });
    else { if (e.shiftKey && lastBox && l.contains(lastBox)) { const a = boxes(l), i = a.indexOf(lastBox), j = a.indexOf(b); a.slice(Math.min(i, j), Math.max(i, j) + 1).forEach(x => { x.checked = b.checked; }); } lastBox = b; }
    count(l);
  });
  d.addEventListener('click', e => { const c = e.target.closest('[data-clear]'); if (c) { const l = c.closest('.listbox'); boxes(l).forEach(x => { x.checked = false; }); count(l); } });

  /* keyboard: one map for the whole product, shown by ? */
  const go = { p: 'nav-pitches', r: 'nav-review', b: 'nav-backlinks', l: 'nav-lost', f: 'nav-domains', d: 'nav-dashboard', s: 'nav-sites', i: 'nav-imports', u: 'nav-sync' };
  let chord = 0;
  const rows = () => $$('[data-rows] > tr, [data-rows] > li').filter(x => x.offsetParent);
  const cur = () => $('[data-cur]');
  const move = n => { const r = rows(); if (!r.length) return; const i = r.indexOf(cur()); const x = r[Math.max(0, Math.min(r.length - 1, i < 0 ? 0 : i + n))]; $$('[data-cur]').forEach(c => c.removeAttribute('data-cur')); x.setAttribute('data-cur', ''); x.scrollIntoView({ block: 'nearest' }); const a = $('a.main-l, a', x); if (a) a.focus({ preventScroll: true }); };
  d.addEventListener('keydown', e => {
    if (e.ctrlKey || e.metaKey || e.altKey) {
      if (e.key === 'Enter' && (e.ctrlKey || e.metaKey) && e.target.form) { e.preventDefault(); e.target.form.requestSubmit($('[data-primary]', e.target.form) || undefined); }
      return;
    }
    if (typing(e) || $('dialog[open]') || $(':popover-open') || root.dataset.keys === 'off') return;
    const k = e.key;
    if (chord && go[k]) { const a = d.getElementById(go[k]); chord = 0; if (a) { e.preventDefault(); a.click(); } return; }
    chord = 0;
    const act = $(`[data-key="${CSS.escape(k)}"]`);
    if (act) { e.preventDefault(); /^(INPUT|SELECT|TEXTAREA)$/.test(act.tagName) ? act.focus() : act.click(); return; }
    if (k === 'g') { chord = setTimeout(() => { chord = 0; }, 1200); return; }
    if (k === '?') { e.preventDefault(); openDlg('keys'); return; }
    if (k === '/') { const s = $('.filters input[type=search]') || $('.top input[type=search]'); if (s) { e.preventDefault(); s.focus(); s.select(); } return; }
    if (k === 'j' || k === 'k') { e.preventDefault(); move(k === 'j' ? 1 : -1); return; }
    if (k === 'x') { const c = cur() && $('.sel input', cur()); if (c) { e.preventDefault(); c.click(); } return; }
    if (k === 'e') { const s = cur() && $('select', cur()); if (s) { e.preventDefault(); s.focus(); } }
  });

  /* charts: crosshair and marker card; arrow keys step through the markers */
  /* the island has the values v at the days x after start (x is left out when there is one value a day); n is the last day */
  const MON = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
  const chart = fig => {
    const plot = $('.plot', fig), svg = $('.plot > svg', fig), isl = $('script[type="application/json"]', fig);
    if (!plot || !svg || !isl || $('.tip', plot)) return;
    const D = JSON.parse(isl.textContent), t0 = Date.parse(D.start), N = D.v.length, H = D.h, day = i => D.x ? D.x[i] : i, pos = i => day(i) / D.n;
    const fmtD = i => { const x = new Date(t0 + day(i) * 864e5); return x.getUTCDate() + ' ' + MON[x.getUTCMonth()] + ' ' + x.getUTCFullYear(); };
    const near = p => { let a = 0, b = N - 1; while (b - a > 1) { const m = a + b >> 1; if (pos(m) < p) a = m; else b = m; } return p - pos(a) <= pos(b) - p ? a : b; };
    const tip = d.createElement('div'); tip.className = 'tip'; tip.hidden = true; plot.append(tip);
    const NS = 'http://www.w3.org/2000/svg', ln = d.createElementNS(NS, 'line'), pt = d.createElementNS(NS, 'circle');
    ln.setAttribute('class', 'xh'); ln.setAttribute('y1', 0); ln.setAttribute('y2', H); pt.setAttribute('class', 'xd'); pt.setAttribute('r', 4); ln.style.display = pt.style.display = 'none';
    const first = $('.marks', svg); svg.insertBefore(ln, first); svg.insertBefore(pt, first);
    const put = (x, y) => { tip.hidden = false; const w = plot.clientWidth, tw = tip.offsetWidth, th = tip.offsetHeight; let lx = x + 14; if (lx + tw > w) lx = x - tw - 14; tip.style.transform = `translate(${Math.max(0, lx)}px,${Math.max(0, Math.min(H - th, y - th / 2))}px)`; };
    const text = (cls, s) => { const n = d.createElement(cls); n.textContent = s; tip.append(n); if (cls !== 'b') tip.append(d.createElement('br')); };
    const at = i => { const x = pos(i) * 100, y = D.top + (1 - (D.v[i] - D.min) / (D.max - D.min)) * D.ph; ln.setAttribute('x1', x + '%'); ln.setAttribute('x2', x + '%'); pt.setAttribute('cx', x + '%'); pt.setAttribute('cy', y); ln.style.display = pt.style.display = ''; return y; };
    const card = a => { tip.textContent = ''; text('b', a.dataset.t); a.dataset.m.split('|').forEach(s => text('span', s)); const i = +a.dataset.i, y = at(i); put(pos(i) * plot.clientWidth, y); };
    const hide = () => { tip.hidden = true; ln.style.display = pt.style.display = 'none'; };
    plot.addEventListener('pointermove', e => {
      const a = e.target.closest('a[data-i]'); if (a) return card(a);
      const r = plot.getBoundingClientRect(), i = near((e.clientX - r.left) / r.width);
      const y = at(i); tip.textContent = ''; text('b', D.fmt === 'dr' ? 'DR ' + D.v[i].toFixed(1) : D.v[i].toLocaleString('en-GB')); text('span', fmtD(i)); put(pos(i) * plot.clientWidth, y);
    });
    plot.addEventListener('pointerleave', hide);
    plot.addEventListener('focusin', e => { const a = e.target.closest('a[data-i]'); if (a) card(a); });
    plot.addEventListener('focusout', hide);
    plot.addEventListener('keydown', e => { if (e.key !== 'ArrowRight' && e.key !== 'ArrowLeft') return; const m = $$('a[data-i]', plot).filter(a => getComputedStyle(a.parentNode).display !== 'none'), i = m.indexOf(d.activeElement); if (i < 0) return; e.preventDefault(); (m[i + (e.key === 'ArrowRight' ? 1 : -1)] || m[i]).focus(); });
  };

  /* chart to PNG: copy computed presentation values on to a clone, draw it at 2x, download */
  const PROPS = ['fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'opacity', 'font-family', 'font-size', 'font-weight', 'text-anchor', 'paint-order', 'vector-effect', 'stroke-linejoin', 'shape-rendering'];
  const toPNG = fig => {
    const svg = $('.plot > svg', fig), w = svg.clientWidth, h = svg.clientHeight + 56, c = svg.cloneNode(true), a = $$('*', svg), b = $$('*', c);
    a.forEach((n, i) => { const s = getComputedStyle(n); PROPS.forEach(p => { const v = s.getPropertyValue(p); if (v) b[i].setAttribute(p, v); }); b[i].removeAttribute('style'); });
    const cs = getComputedStyle($('.ttl', fig)), bg = getComputedStyle(fig.closest('.card,.sheet') || d.body).backgroundColor;
    c.setAttribute('xmlns', 'http://www.w3.org/2000/svg'); c.setAttribute('width', w); c.setAttribute('height', svg.clientHeight);
    const url = URL.createObjectURL(new Blob([new XMLSerializer().serializeToString(c)], { type: 'image/svg+xml' })), img = new Image();
    img.onload = () => {
      const k = 2, v = d.createElement('canvas'), pad = 24; v.width = (w + pad * 2) * k; v.height = (h + pad) * k; const x = v.getContext('2d'); x.scale(k, k); x.fillStyle = bg; x.fillRect(0, 0, v.width, v.height);
      x.fillStyle = cs.color; x.font = '600 16px Inter, sans-serif'; x.fillText($('.ttl :is(h2,h3)', fig).textContent, pad, 30); x.drawImage(img, pad, 48); URL.revokeObjectURL(url);
      v.toBlob(bl => { const l = d.createElement('a'); l.href = URL.createObjectURL(bl); l.download = (fig.id || 'chart') + '.png'; l.click(); setTimeout(() => URL.revokeObjectURL(l.href), 5000); });
    };
    img.src = url;
  };
  d.addEventListener('click', e => { const b = e.target.closest('[data-png]'); if (b) toPNG(b.closest('.chart')); if (e.target.closest('[data-print]')) window.print(); });

  /* small things */
  d.addEventListener('click', e => { const b = e.target.closest('[data-copy]'); if (b && navigator.clipboard) navigator.clipboard.writeText(b.dataset.copy).then(() => toast('Link copied')); });
  d.addEventListener('click', e => { const b = e.target.closest('[data-reveal]'); if (!b) return; const i = d.getElementById(b.dataset.reveal), s = i.type === 'password'; i.type = s ? 'text' : 'password'; b.setAttribute('aria-pressed', s); b.textContent = s ? 'Hide' : 'Show'; });
  const drop = z => {
    const f = $('input[type=file]', z), o = $('[data-file]', z);
    ['dragenter', 'dragover'].forEach(n => z.addEventListener(n, e => { e.preventDefault(); z.dataset.over = ''; }));
    ['dragleave', 'drop'].forEach(n => z.addEventListener(n, e => { e.preventDefault(); delete z.dataset.over; }));
    z.addEventListener('drop', e => { f.files = e.dataTransfer.files; f.dispatchEvent(new Event('change', { bubbles: true })); });
    f.addEventListener('change', () => { if (o && f.files[0]) o.textContent = f.files[0].name + ' · ' + Math.ceil(f.files[0].size / 1024) + ' KB'; });
  };
  d.addEventListener('change', e => { const s = e.target.closest('[data-autosubmit]'); if (s && s.form && !s.hasAttribute('hx-post')) s.form.requestSubmit(); });

  /* what needs set-up, in the page as it came and in every fragment htmx puts in later */
  const setUp = r => { [r, ...$$('.chart[data-chart]', r)].forEach(x => x.matches('.chart[data-chart]') && chart(x)); [r, ...$$('.drop', r)].forEach(x => x.matches('.drop') && drop(x)); };
  setUp(d.body);
  d.addEventListener('htmx:load', e => { if (e.detail.elt !== d.body) setUp(e.detail.elt); });
})();
