/* Improves the form; it works without this. By hand, ES2017, for Safari 13 and Chrome 74 upward.
   The code lives in the fragment and in request bodies only; storage knows nothing but its digest. */
(function () {
  'use strict';
  const page = window.pingyi, { $, guarded, read, write, erase, fromHash } = page, form = $('ballot');
  if (!form) return;
  const DAY = 864e5, PREFIX = 'pingyi.draft.';
  let code = '', done = false, unkept = false;

  // ---- words, items, state
  const words = JSON.parse($('words').textContent);
  const campaign = form.dataset.campaign, blank = !!form.dataset.blank;
  const rows = () => Array.from(form.querySelectorAll('fieldset:not([data-optional])'));
  const units = rows();
  const say = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
  const keyOf = (unit) => unit.id.slice(2);
  const nameOf = (unit) => unit.dataset.name || unit.querySelector('legend').textContent;
  const answered = (unit) => draft.answers[keyOf(unit)] || (draft.more[keyOf(unit)] || '').length;
  const needed = (unit) => !answered(unit) && (unit.dataset.must ? unit.dataset.must === '1' : !blank);
  const fresh = () => ({ id: uuid(), seed: random()[0], at: 0, pending: false, answers: {}, more: {} });
  let draft = fresh();
  const order = form.dataset.order ? form.dataset.order.split(' ') // as the sheet's answers stand in a row
    : Array.from(form.querySelectorAll('fieldset')).filter((unit) => unit.querySelector('[type=radio]')).map(keyOf);
  let key = '', blamed = false, last = -1, sending = false, timer = 0, scroll = 0;

  function random() { return crypto.getRandomValues(new Uint32Array(1)); }
  function uuid() { // randomUUID is missing on plain http
    const b = crypto.getRandomValues(new Uint8Array(16));
    b[6] = (b[6] & 15) | 64;
    b[8] = (b[8] & 63) | 128;
    return Array.from(b, (v, i) => ([4, 6, 8, 10].includes(i) ? '-' : '') + (v + 256).toString(16).slice(1)).join('');
  }

  // ---- the draft on this phone
  function save() {
    if (!key || done || page.proof) return; // a tablet keeps nothing
    draft.at = Date.now();
    if (write(key, JSON.stringify(draft)) !== null) return;
    if (!unkept) tell(words.unkept);
    unkept = true;
  }
  function load() {
    const kept = guarded(() => JSON.parse(read(key)));
    if (!kept || Math.abs(Date.now() - kept.at) < DAY) return kept;
    erase(key); // by this phone's clock, which may have been set anew in between
    if (Object.keys(kept.answers).length) tell(words.old);
    return null;
  }
  function sweep() {
    (guarded(() => Object.keys(localStorage)) || []).forEach(function (name) {
      if (name.indexOf(PREFIX) !== 0) return;
      const kept = guarded(() => JSON.parse(read(name)));
      if (!kept || Math.abs(Date.now() - kept.at) >= DAY) erase(name);
    });
  }
  function tell(text) {
    $('told').textContent = text;
    $('told').hidden = !text;
  }
  function shuffle() { // the order of the units inside each heading is drawn for each ballot and never sent
    let state = draft.seed;
    if ('fixed' in form.dataset) return;
    form.querySelectorAll('section').forEach(function (section) {
      const blocks = [];
      let whose = '', end = null;
      Array.from(section.children).filter((row) => row.matches('[data-kind=unit],[data-unit]')).forEach(function (row) {
        if ((row.dataset.unit || keyOf(row)) === whose) blocks[blocks.length - 1].push(row); // the aspects of a unit stay together
        else blocks.push([row]);
        whose = row.dataset.unit || keyOf(row);
        end = row.nextSibling;
      });
      for (let i = blocks.length - 1; i > 0; i--) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        const j = Math.floor((state / 4294967296) * (i + 1));
        [blocks[i], blocks[j]] = [blocks[j], blocks[i]];
      }
      blocks.forEach((block) => block.forEach((row) => section.insertBefore(row, end)));
    });
  }
  function apply() {
    Object.keys(draft.answers).forEach(function (name) {
      const radio = form.querySelector('input[name="q_' + name + '"][value="' + draft.answers[name] + '"]');
      if (radio) radio.checked = true;
    });
    Object.keys(draft.more).forEach(function (name) {
      const said = draft.more[name], text = form.querySelector('textarea[name="t_' + name + '"]');
      if (text) text.value = said;
      form.querySelectorAll('input[name="m_' + name + '"]').forEach((box) => { box.checked = said.includes(box.value); });
    });
    paint();
  }
  function paint() {
    const count = units.filter(answered).length, all = count === units.length;
    $('count').textContent = say(words.count, { done: count, total: units.length });
    $('next').hidden = all;
    $('open-review').hidden = !all && !(blank && (count || Object.keys(draft.more).length));
    $('open-review').className = all ? 'go' : 'alt';
  }

  // ---- the code
  function adopt(text, hide) {
    if (text === code) return;
    if (key) { erase(key); draft.id = uuid(); } // another code, another ballot
    code = text;
    key = PREFIX + page.digest(campaign + ' ' + code);
    $('code').value = code.match(/.{1,4}/g).join('-');
    $('code-field').hidden = hide;
    if (blamed) $('problem').hidden = true;
    if (!page.proof) history.replaceState(history.state, '', location.pathname + location.search + '#' + code); // a reload keeps it
    const kept = load();
    if (kept) draft = Object.assign({}, kept, { answers: Object.assign({}, kept.answers, draft.answers), more: Object.assign({}, kept.more, draft.more) });
    if (kept || (scrollY < 60 && !Object.keys(draft.answers).length)) shuffle();
    save();
    apply();
    if (draft.pending) send(); else if (!form.dataset.checked) check();
  }
  function check() {
    const asked = code;
    post('/api/tickets/check', { campaign, code }).then(function (answer) {
      if (asked !== code || sending || done) return;
      const state = answer.data.state;
      if (state && words[state]) { erase(key); refuse(words[state]); }
      else if (answer.status === 404 || answer.status === 422) {
        erase(key);
        key = code = '';
        complain(answer.data, true);
      }
    }, () => {}); // without network the form is filled in all the same
  }

  // ---- views
  function show(view) {
    if (view !== 'ballot' && !form.hidden) scroll = scrollY;
    ['ballot', 'find', 'review', 'sending', 'refused', 'receipt', 'point'].forEach((id) => { if ($(id)) $(id).hidden = id !== view; });
    $('count').hidden = /re[fc]|po/.test(view);
    offer(view !== 'ballot');
    if (view !== 'ballot') $(view).querySelector('h1').focus();
    if (page.shown) page.shown(view);
    scrollTo(0, view === 'ballot' ? scroll : 0); // after the focus, which scrolls as it likes
  }
  const offer = (off) => document.querySelectorAll('[data-aid]').forEach((button) => { button.hidden = off; });
  function fill(view, title, text) {
    $(view).querySelector('h1').textContent = title;
    $(view).querySelector('p').textContent = text;
  }
  function refuse(pair) {
    fill('refused', pair[0], pair[1]);
    show('refused');
  }
  const told = (problem) => (words.en ? [problem.detail_en, problem.next_en] : [problem.detail, problem.next]);
  function complain(problem, aboutCode) {
    show('ballot');
    $('problem').querySelector('p').textContent = told(problem).filter(Boolean).join(' ');
    $('problem').hidden = false;
    form.insertBefore($('problem'), aboutCode ? $('code-field') : form.firstChild);
    blamed = aboutCode;
    if (aboutCode) $('code-field').hidden = false;
    if (aboutCode) $('code').focus();
    page.center($('problem'));
  }
  function go(unit) {
    show('ballot');
    (unit.querySelector(':checked') || unit.querySelector('input,textarea')).focus();
    page.center(unit);
  }
  function next() {
    const list = rows(), open = (unit) => !answered(unit);
    const unit = list.slice(last + 1).find(open) || list.find(open);
    if (unit) { last = list.indexOf(unit); go(unit); }
  }
  function element(tag, className, text) {
    const node = document.createElement(tag);
    node.className = className;
    node.textContent = text;
    return node;
  }
  function chosen(unit) {
    const text = unit.querySelector('textarea'), ticked = Array.from(unit.querySelectorAll(':checked'), (input) => input.parentNode.textContent.trim());
    return (text ? text.value : ticked.join(words.comma)) || words.none;
  }
  function group(title, tone, members, label) {
    if (!members.length) return;
    const head = element('h2', 'sum ' + tone, title), list = element('ul', 'list', '');
    if (title !== words.background) head.appendChild(element('small', '', say(words.number, { count: members.length })));
    members.forEach(function (unit) {
      const row = document.createElement('li'), button = element('button', '', nameOf(unit) + (label ? words.colon + label(unit) : ''));
      button.type = 'button';
      button.onclick = () => page.pick(unit);
      row.appendChild(button);
      list.appendChild(row);
    });
    $('review-lists').append(head, list);
  }
  let target = null;
  function review() {
    const list = rows(), missing = list.filter((unit) => !answered(unit)), tones = new Map();
    $('review-lists').textContent = '';
    group(words.missing, missing.some(needed) ? 'bad' : '', missing);
    const single = list.filter((unit) => unit.querySelector('[type=radio]'));
    single.forEach((unit) => unit.querySelectorAll('label').forEach((label) => { tones.set(label.textContent, label.className); }));
    tones.forEach((tone, title) => group(title, tone, single.filter((unit) => answered(unit) && chosen(unit) === title.trim())));
    group(words.background, '', Array.from(form.querySelectorAll('fieldset')).filter((unit) => !single.includes(unit) && !missing.includes(unit)), chosen);
    $('review-missing').hidden = !missing.length;
    const must = missing.filter(needed), stop = must.length > 0, open = stop ? must : missing;
    $('review-missing').className = stop ? 'alert' : 'note';
    $('review-missing').querySelector('p').textContent = say(stop ? words.missing_required : words.missing_blank, { count: open.length });
    $('first-missing').onclick = () => page.pick(open[0]);
    $('send').hidden = stop;
    show('review');
  }

  // ---- sending: the same id until an answer comes, so that it counts once
  function post(url, body) {
    const abort = new AbortController(), limit = setTimeout(() => abort.abort(), 20000);
    return fetch(url, {
      method: 'POST', body: JSON.stringify(body), signal: abort.signal, credentials: 'omit', cache: 'no-store',
      headers: Object.assign({ 'Content-Type': 'application/json' }, page.proof)
    }).then((response) => response.json().catch(() => ({})).then(function (data) {
      clearTimeout(limit);
      return { status: response.status, data };
    }));
  }
  function send() {
    if (sending || done) return;
    if (!code) { complain({ detail: words.code_empty, detail_en: words.code_empty }, true); return; }
    sending = draft.pending = true; // from here on the answers are frozen
    save();
    fill('sending', words.sending[0], words.sending[1]);
    $('again').hidden = true;
    show('sending');
    attempt(0);
  }
  function attempt(count) {
    clearTimeout(timer);
    timer = -1; // under way
    $('again').hidden = true;
    const answers = order.map((name) => draft.answers[name] || '-').join('');
    const sheet = page.sheet = { id: draft.id, code, answers, more: draft.more, channel: page.proof ? 'point' : 'phone' };
    const other = () => sheet !== page.sheet; // a tablet has gone on to the next person
    page.cast(sheet).then(function (answer) {
      if (other()) return;
      if (answer.data.receipt) finish(answer.data.receipt);
      else if (answer.status < 400 || answer.status >= 500 || answer.status === 429) later(count, answer.data);
      else settle(answer.data);
    }, () => { if (!other()) later(count, {}); });
  }
  page.cast = (sheet) => post('/api/campaigns/' + campaign + '/ballots', sheet);
  function later(count, problem) {
    fill('sending', told(problem)[0] || words.offline[0], page.held || (unkept || page.proof ? words.offline_page : words.offline[1]));
    $('again').hidden = false;
    const again = () => { if (timer !== -1) attempt(count + 1); };
    $('again').onclick = again;
    window.ononline = again;
    timer = setTimeout(again, Math.min(Math.pow(2, count), 30) * 1000);
  }
  function settle(problem) { // a clear no: nothing was stored under this id
    sending = draft.pending = false;
    if (problem.code === 'ballot_id_taken') draft.id = uuid();
    save();
    const gone = words[(problem.code || '').replace('ticket_used', 'ticket_spent').slice(7)]; // used, withdrawn or expired meanwhile
    if (gone) { erase(key); refuse(gone); return; }
    complain(problem, /^ticket_/.test(problem.code));
  }
  function finish(receipt) {
    if (done) return;
    done = true;
    erase(key);
    clearTimeout(timer);
    window.ononline = null;
    $('receipt-number').textContent = receipt;
    form.hidden = true;
    show('receipt');
    if (page.proof) return; // the same page takes the next person's code
    history.replaceState(null, '', '/b/' + campaign + '/receipt/' + receipt + location.search);
    $('verify-link').hash = receipt;
    $('review-lists').textContent = '';
    form.textContent = ''; // nothing for the next person
  }

  page.restart = function () { // on a tablet: nothing of this person stays
    draft = fresh();
    code = key = '';
    done = sending = blamed = page.sheet = false;
    clearTimeout(timer);
    paint();
    show('point');
    scroll = last = 0;
  };

  // ---- start
  form.addEventListener('change', function (event) {
    const input = event.target;
    const unit = input.closest('fieldset');
    if (!unit) return;
    if (input.type === 'checkbox') {
      const ticked = unit.querySelectorAll(':checked');
      tell(ticked.length > unit.dataset.max ? say(words.limit, unit.dataset) : '');
      if (ticked.length > unit.dataset.max) input.checked = false;
    }
    note(unit, input);
    unit.classList.remove('open');
    last = rows().indexOf(unit);
    save();
    paint();
  });
  form.addEventListener('input', function (event) { // words are kept as they are typed
    if (event.target.tagName !== 'TEXTAREA') return;
    note(event.target.closest('fieldset'), event.target);
    save();
  });
  function note(unit, input) {
    const name = keyOf(unit), said = input.type === 'checkbox' ? Array.from(unit.querySelectorAll(':checked'), (box) => box.value) : input.value;
    if (input.type === 'radio') draft.answers[name] = said;
    else if (said.length) draft.more[name] = said;
    else delete draft.more[name];
  }
  form.addEventListener('submit', function (event) {
    if (page.passing) return;
    event.preventDefault();
  });
  document.addEventListener('click', function (event) { // an inner link must not push the code out of the fragment
    const link = event.target.closest('a[href^="#"]'), place = link && $(link.getAttribute('href').slice(1));
    if (!place) return;
    event.preventDefault();
    if (place.tagName === 'FIELDSET') go(place); else place.focus();
  });
  $('next').addEventListener('click', next);
  $('open-review').addEventListener('click', function () {
    history.pushState({ review: 1 }, '');
    review();
  });
  $('back').addEventListener('click', () => history.back());
  $('send').addEventListener('click', send);
  window.addEventListener('popstate', function (event) {
    if (done || sending || page.proof && !code) return;
    if (event.state && event.state.review) review();
    else if (event.state && event.state.find && page.find) page.find();
    else if (form.hidden) {
      show('ballot');
      if (target) setTimeout(go, 50, target); // after the browser has put its own scrolling back
      target = null;
    }
  });
  window.addEventListener('hashchange', () => { if (fromHash() && fromHash() !== code) location.reload(); });
  window.addEventListener('pageshow', (event) => { if (event.persisted && code && !done) check(); });
  window.addEventListener('storage', function (event) { // the same sheet in another tab
    if (!key || event.key !== key || sending || done) return;
    if (event.newValue) { draft = JSON.parse(event.newValue); apply(); } else check();
  });

  // ---- helps that few ask for come in a script of their own
  Object.assign(page, {
    form, words, rows, nameOf, chosen, answered, filled: (unit) => unit.querySelector(':checked') || answered(unit),
    element, say, show, tell, go, pick: (unit) => { history.back(); target = unit; }
  });
  const policy = window.trustedTypes && trustedTypes.createPolicy('pingyi', { createScriptURL: (url) => url });
  document.addEventListener('click', function (event) {
    const button = event.target.closest('[data-aid]'), name = button && button.dataset.aid;
    if (!name) return;
    tell('');
    if (page[name]) { page[name](true); return; }
    const script = document.createElement('script');
    script.src = policy ? policy.createScriptURL(form.dataset.aids) : form.dataset.aids;
    script.onload = () => page[name](true);
    script.onerror = () => tell(words.aid_failed);
    document.head.appendChild(script);
  });

  page.adopt = adopt;
  page.carries = () => (!code || unkept || page.proof) && !done;
  form.querySelectorAll('input:checked,textarea').forEach((input) => note(input.closest('fieldset'), input));
  $('plain-submit').hidden = true;
  $('foot').hidden = $('count').hidden = false;
  offer(false);
  paint();
  if (fromHash()) adopt(fromHash(), true);
  else if ($('code').value) page.ownCode();
  sweep(); // after our own draft, which tells when it is too old
})();
