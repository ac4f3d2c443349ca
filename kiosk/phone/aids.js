/* Helps that few ask for, loaded for the first who does: finding a unit by name or pinyin, and reading aloud the unit in
   the middle of the screen. By hand, ES2017, for Safari 13 and Chrome 74 upward; speech only where the browser has it. */
(function () {
  'use strict';
  const page = window.pingyi, form = page.form;
  let said = null; // sentences, and the readings of the names by item

  function ready(then) {
    if (said) { then(); return; }
    fetch('/b/' + form.dataset.campaign + '/aids' + location.search, { credentials: 'omit' }).then((answer) => answer.json()).then(function (found) {
      said = found;
      then();
    }).catch(() => page.tell(page.words.aid_failed));
  }

  // ---- 查找: by a part of the name, the initials, or pinyin from the beginning of any syllable
  let view = null, input = null;
  function fits(name, reading, asked) {
    if (name.toLowerCase().includes(asked) || reading.replace(/[a-z]/g, '').toLowerCase().includes(asked)) return true;
    const starts = reading.match(/[A-Z0-9][a-z]*/g) || [];
    return starts.some((start, at) => starts.slice(at).join('').toLowerCase().startsWith(asked));
  }
  function fill(list, none) {
    const asked = input.value.toLowerCase().replace(/[\s'’·-]/g, '').replace(/ü/g, 'v'), seen = new Set();
    list.textContent = '';
    page.rows().forEach(function (unit) {
      const name = page.nameOf(unit), reading = said.readings[unit.id.slice(2)];
      if (reading === undefined || seen.has(name) || !fits(name, reading, asked)) return;
      seen.add(name);
      const row = page.element('li', '', ''), button = page.element('button', '', name), state = page.element('small', '', page.answered(unit) ? page.chosen(unit) : page.words.missing);
      button.type = 'button';
      button.addEventListener('click', () => page.pick(unit));
      button.append(state);
      row.append(button);
      list.append(row);
    });
    none.textContent = seen.size ? page.say(page.words.number, { count: seen.size }) : said.find[2];
  }
  function build() {
    const inner = page.element('div', 'page', ''), title = page.element('h1', '', said.find[0]), field = page.element('div', 'field', '');
    const label = page.element('label', '', said.find[1]), list = page.element('ul', 'list', ''), none = page.element('p', 'hint', '');
    const foot = page.element('div', 'foot', ''), back = page.element('button', 'alt', said.find[3]);
    view = page.element('section', '', '');
    view.id = 'find';
    input = page.element('input', 'plain', '');
    input.id = label.htmlFor = 'find-name';
    input.type = 'search';
    input.autocomplete = 'off';
    title.tabIndex = -1;
    none.setAttribute('role', 'status');
    back.type = 'button';
    back.addEventListener('click', () => history.back());
    input.addEventListener('input', () => fill(list, none));
    field.append(label, input);
    inner.append(title, field, none, list);
    foot.append(back);
    view.append(inner, foot);
    view.fill = () => fill(list, none);
    form.parentNode.insertBefore(view, form.nextSibling);
  }
  page.find = function (asked) {
    ready(function () {
      if (!view) build();
      if (asked === true) history.pushState({ find: 1 }, '');
      view.fill();
      page.show('find');
      input.focus();
      input.select();
    });
  };

  // ---- 朗读: the unit that was touched last, if it is to be seen, else the one in the middle of the screen
  let touched = null;
  form.addEventListener('focusin', (event) => { touched = event.target.closest('fieldset'); });
  function voice() {
    const tongue = document.documentElement.lang.slice(0, 2), voices = window.speechSynthesis ? speechSynthesis.getVoices() : [];
    return voices.find((one) => one.lang.slice(0, 2).toLowerCase() === tongue) || null;
  }
  function middle() {
    const rows = Array.from(form.querySelectorAll('fieldset')), inside = (unit) => unit.getBoundingClientRect();
    if (touched && inside(touched).bottom > 0 && inside(touched).top < innerHeight) return touched;
    return rows.find((unit) => inside(unit).bottom > innerHeight / 2 - 40 && inside(unit).height) || rows[rows.length - 1];
  }
  function speak(chosen) {
    const unit = middle(), hint = unit.querySelector('.hint'), options = Array.from(unit.querySelectorAll('label'), (label) => label.textContent.trim());
    const parts = [page.nameOf(unit), hint ? hint.textContent : '', options.length ? said.aloud[1] + options.join('，') : '', page.filled(unit) ? said.aloud[2] + page.chosen(unit) : ''];
    const speech = new SpeechSynthesisUtterance(parts.filter(Boolean).join('。'));
    speech.voice = chosen;
    speech.lang = chosen.lang;
    speech.rate = 0.9;
    speechSynthesis.cancel();
    speechSynthesis.speak(speech);
    page.go(unit);
  }
  page.aloud = function () {
    ready(function () {
      const found = voice();
      if (found) { speak(found); return; }
      if (!window.speechSynthesis) { page.tell(said.aloud[0]); return; }
      speechSynthesis.getVoices(); // some browsers name their voices a moment later
      setTimeout(() => { if (voice()) speak(voice()); else page.tell(said.aloud[0]); }, 700);
    });
  };
})();
