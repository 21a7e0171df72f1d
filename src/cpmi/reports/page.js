// The chain browser: a list with filters and search, the selected chain, and keys.

const OUTCOME_WORDS = { right: "right answer", wrong: "wrong answer", undecided: "answer undecided" };
const FILTERS = [
  ["All", () => true],
  ["Wrong chains", (chain) => chain.first_error !== null || (!chain.ratings && chain.outcome === "wrong")],
  ["Methods disagree", (chain) => chain.disagree],
  ["Abstained", (chain) => chain.labels.some((own) => own && Object.keys(own.abstained).length)],
];
const state = { filter: 0, query: "", shown: [], selected: null, redraw: () => {} };
const items = new Map(); // chain -> its <li>
const haystacks = new Map(); // chain -> what a search looks through
const find = (selector) => document.querySelector(selector);
let data = null;

const haystackOf = (chain) => {
  if (!haystacks.has(chain)) {
    const texts = [chain.id, chain.question, chain.gold, chain.answer, ...chain.steps];
    haystacks.set(chain, texts.join("\n").toLowerCase());
  }
  return haystacks.get(chain);
};

const itemOf = (chain) => {
  const error = chain.first_error === null ? chain.ratings && chain.no_error.split(":")[0] : `first error ${chain.first_error + 1}`;
  const facts = [plural(chain.steps.length, "step"), error].filter(Boolean).join(" · ");
  const words = OUTCOME_WORDS[chain.outcome];
  const said = () => h("span", { class: "hidden" }, words);
  const outcome = words
    ? h("span", { class: `mark ${chain.outcome}`, title: words }, icon(chain.outcome), said())
    : h("span");
  const strip = () => h("span", { class: "strip", "aria-hidden": "true" }, chain.ratings.map((r) => h("i", { class: r })));
  return h("li", {}, h("button", { type: "button", tabindex: "-1", onclick: () => select(chain) },
    h("span", { class: "id" }, chain.id),
    outcome, h("span", { class: "facts" }, facts), chain.ratings && strip()));
};
const buttonOf = (chain) => items.get(chain).firstChild;

const refresh = () => {
  const list = find(".list"), keep = FILTERS[state.filter][1];
  const words = state.query.toLowerCase().split(/\s+/).filter(Boolean);
  state.shown = data.chains.filter((chain) => keep(chain) && words.every((word) => haystackOf(chain).includes(word)));
  list.replaceChildren(...state.shown.map((chain) => items.get(chain)));
  if (!state.shown.length) list.append(h("li", { class: "empty" }, "No chain fits. Clear the search, or press f."));
  find(".counted").textContent = `${state.shown.length} of ${plural(data.chains.length, "chain")}`;
  [...find(".filters").children].forEach((button, index) => {
    button.setAttribute("aria-checked", String(index === state.filter));
    button.tabIndex = index === state.filter ? 0 : -1;
  });
  if (!state.shown.length) return;
  const kept = state.shown.includes(state.selected);
  select(kept ? state.selected : state.shown[0], { quiet: true });
};

const select = (chain, { quiet = false, focus = false } = {}) => {
  if (state.selected) {
    buttonOf(state.selected).removeAttribute("aria-current");
    buttonOf(state.selected).tabIndex = -1;
  }
  state.selected = chain;
  const own = buttonOf(chain), list = find(".list");
  own.setAttribute("aria-current", "true");
  own.tabIndex = 0;
  if (focus) own.focus({ preventScroll: true });
  // Only the list scrolls; scrollIntoView would move the page as well.
  const top = own.offsetTop, bottom = top + own.offsetHeight;
  if (top < list.scrollTop) list.scrollTop = top;
  if (bottom > list.scrollTop + list.clientHeight) list.scrollTop = bottom - list.clientHeight;
  show(chain);
  if (!quiet) history.replaceState(null, "", `#chain=${encodeURIComponent(chain.id)}`);
};

const show = (chain) => {
  const detail = find(".detail"), at = state.shown.indexOf(chain);
  const charts = data.runs.map((run, index) => chartOf(chain, run, index)).filter(Boolean);
  const guide = (place) => detail.querySelectorAll(".guide").forEach((line) =>
    line.classList.toggle("shown", place !== null && line.dataset.at === String(place)));
  const steps = stepsOf(chain, data.runs, guide);
  const page = (label, name, by, disabled) =>
    h("button", { type: "button", "aria-label": label, disabled, onclick: () => move(by) }, icon(name));
  detail.replaceChildren();
  fill(detail, {}, [h("header", {}, h("h3", {}, chain.id), verdictOf(chain),
    h("span", { class: "pager" }, page("Previous chain", "before", -1, at <= 0),
      page("Next chain", "next", 1, at === state.shown.length - 1))),
  h("p", { class: "question" }, chain.question), answersOf(chain), candidatesOf(chain, data.runs), steps,
  abstentionsOf(chain, data.runs),
  h("div", { class: "charts" }, charts.map((one) => one.figure))]);
  state.redraw = () => {
    steps.classList.toggle("stacked", data.runs.length > 3 || innerWidth <= 720);
    charts.forEach((one) => one.draw());
  };
  state.redraw();
};

const move = (by, options) => {
  if (!state.shown.length) return;
  const at = state.shown.indexOf(state.selected) + by;
  select(state.shown[Math.min(state.shown.length - 1, Math.max(0, at))], options);
};

const setFilter = (index, focus) => {
  state.filter = index;
  refresh();
  if (focus) find(".filters").children[index].focus();
};

const nextFilter = (by, focus) => {
  const buttons = find(".filters").children;
  let index = state.filter;
  do index = (index + by + buttons.length) % buttons.length; while (buttons[index].disabled);
  setFilter(index, focus);
};

// Keys work from anywhere on the page, so the browser is brought into sight first.
const reveal = () => {
  const box = find("#chains").getBoundingClientRect();
  if (box.top > innerHeight * 0.6 || box.bottom < innerHeight * 0.3) find("#chains").scrollIntoView();
};
const browse = (by) => { reveal(); move(by); };
const startSearch = () => { reveal(); find("#search").focus(); find("#search").select(); };
const showKeys = () => find("#keys").showModal();
const ACTIONS = {
  j: () => browse(1), ArrowRight: () => browse(1), k: () => browse(-1), ArrowLeft: () => browse(-1),
  f: () => { reveal(); nextFilter(1); }, "/": startSearch, t: toggleTheme, "?": showKeys,
};

const onKey = (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || find("#keys").open) return;
  const searching = event.target === find("#search"), listed = find(".list").contains(event.target);
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (by && (searching || listed)) { event.preventDefault(); move(by, { focus: listed }); return; }
  if (searching) { if (event.key === "Escape") event.target.blur(); return; }
  // Arrows still scroll a wide table that has the focus.
  if (event.key.startsWith("Arrow") && event.target.closest(".scroll")) return;
  if (ACTIONS[event.key]) { event.preventDefault(); ACTIONS[event.key](); }
};

const makeFilters = () => {
  const filters = find(".filters");
  filters.append(...FILTERS.map(([name, keep], index) => {
    const count = data.chains.filter(keep).length;
    return h("button", { type: "button", role: "radio", disabled: !count, onclick: () => setFilter(index) },
      name, h("span", {}, String(count)));
  }));
  filters.addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (by) { event.preventDefault(); event.stopPropagation(); nextFilter(by, true); }
  });
};

document.addEventListener("DOMContentLoaded", () => {
  data = JSON.parse(find("#data").textContent);
  data.chains.forEach((chain) => items.set(chain, itemOf(chain)));
  makeFilters();
  find("#search").addEventListener("input", (event) => { state.query = event.target.value; refresh(); });
  find("#theme-button").addEventListener("click", toggleTheme);
  find("#keys-button").addEventListener("click", showKeys);
  document.addEventListener("keydown", onKey);
  let waiting = 0;
  addEventListener("resize", () => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(() => state.redraw());
  });
  refresh();
  const named = decodeURIComponent((location.hash.match(/^#chain=(.*)/) || [])[1] || "");
  const linked = data.chains.find((chain) => chain.id === named);
  if (linked) { select(linked, { quiet: true }); find("#chains").scrollIntoView({ behavior: "instant" }); }
});
