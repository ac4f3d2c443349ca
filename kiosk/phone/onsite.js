/* Fills the code of the scanned address into the form and takes it out of the address. ES2017; without it people type. */
(function () {
  'use strict';
  const found = /^#([0-9A-Za-z]{8})$/.exec(location.hash);
  const field = document.getElementById('code');
  if (!found || !field) return;
  field.value = found[1];
  document.getElementById('onsite-code').hidden = true;
  try {
    history.replaceState(null, '', location.pathname + location.search);
  } catch (error) { /* the address stays */ }
})();
