// One chain: question, answers, every step with its rating and labels, and a chart a method.

const RATING_WORDS = { right: "right", neutral: "neutral", wrong: "wrong", not_judged: "not judged" };
const CONTEXT_WORDS = {
  prefix: "after every prefix of the chain, nat",
  single_step: "with one step alone in sight, nat; 0: no step",
  leave_one_out: "with all steps but one in sight, nat; 0: all steps",
};

const verdictOf = (chain) => {
  if (chain.first_error !== null) {
    return h("span", { class: "mark wrong" }, icon("wrong"), `first error: step ${chain.first_error + 1}`);
  }
  return chain.ratings && h("span", { class: "mark" }, chain.no_error);
};

const answersOf = (chain) => h("dl", { class: "answers" },
  h("div", {}, h("dt", {}, "gold"), h("dd", {}, chain.gold === null ? "unknown" : chain.gold)),
  h("div", {}, h("dt", {}, "chain's answer"),
    h("dd", {}, chain.answer === null ? "none found" : chain.answer,
      chain.outcome && mark(chain.outcome, chain.outcome))));

const candidatesOf = (chain, runs) => {
  const lines = runs.map((run, index) => {
    const own = chain.labels[index];
    if (!own || own.candidates.length < 2) return null;
    const chips = own.candidates.map((c) => h("span", { class: "chip" }, c.text, h("small", {}, c.origin)));
    return h("div", {}, h("dt", {}, marker(index), `${run.name} compares`), h("dd", {}, chips));
  }).filter(Boolean);
  return lines.length ? h("dl", { class: "candidates" }, lines) : null;
};

const cellOf = (own, step, run) => {
  const who = h("span", { class: "who" }, run.name);
  const value = own && own.values[step];
  if (value === null || value === undefined) {
    const reason = own ? own.abstained[step] || "abstained" : "not in this run";
    return h("span", { class: "cell abstains", title: reason }, who, own ? "abstains" : "–");
  }
  const quantile = own.quantiles[step];
  const lowest = own.lowest.includes(step) && own.values.length > 1;
  const facts = [`${Math.round(100 * quantile)} % of this run's labels are lower`];
  if (own.decided) facts.unshift(`${own.successes[step]} of ${plural(own.decided[step], "rollout")} right`);
  if (lowest) facts.push("the lowest of this chain");
  const side = quantile < 0.5 ? "low" : "high";
  const share = `${Math.round(Math.abs(quantile - 0.5) * 200)}%`;
  return h("span", { class: `cell ${side}`, "--share": share, title: facts.join("; ") }, who,
    lowest && icon("lowest"), lowest && h("span", { class: "hidden" }, "lowest"),
    run.unit === "nat" && value > 0 ? `+${number(value, 2)}` : number(value, 2));
};

// The roles keep it a table where the style lays it out as blocks.
const stepsOf = (chain, runs, guide) => {
  const head = (kind, ...content) => h("th", { class: kind, role: "columnheader" }, content);
  const cell = (kind, ...content) => h("td", { class: kind, role: "cell" }, content);
  const prints = () => h("span", { class: "prints" }, "prints a candidate answer");
  const row = (text, step) => h("tr", {
    role: "row", class: step === chain.first_error ? "first-error" : null,
    onmouseenter: () => guide(step + 1), onmouseleave: () => guide(null),
  },
  cell("index", String(step + 1)),
  chain.ratings && cell("rating", mark(chain.ratings[step], RATING_WORDS[chain.ratings[step]])),
  cell("text", text, chain.prints[step] && prints()),
  runs.map((run, index) => cell("value", cellOf(chain.labels[index], step, run))));
  return h("table", { class: "steps", role: "table" },
    h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, head("index", "step"),
      chain.ratings && head("rating", "rating"), head("text-head", h("span", { class: "hidden" }, "text")),
      runs.map((run, index) => head("value", marker(index), run.name)))),
    h("tbody", { role: "rowgroup" }, chain.steps.map(row)));
};

// Why there is no label, in the open: a phone shows no tooltip.
const abstentionsOf = (chain, runs) => runs.flatMap((run, index) => {
  const own = chain.labels[index];
  return [...new Set(Object.values(own ? own.abstained : {}))].map((reason) => {
    const places = chain.steps.map((_, step) => step).filter((step) => own.abstained[step] === reason);
    const all = places.length === chain.steps.length;
    const where = all ? "at every step" : `at step ${places.map((one) => one + 1).join(", ")}`;
    return h("p", { class: "abstention" }, marker(index), `${run.name} abstains ${where}: ${reason}.`);
  });
});

const aboutChart = (run, own) => {
  if (!own.decided) {
    return `log-probability of the gold and of the best wrong answer ${CONTEXT_WORDS[run.contexts] || "nat"}`;
  }
  const most = Math.max(...own.decided), all = own.decided.every((count) => count === most);
  return `share of ${all ? "" : "up to "}${plural(most, "rollout")} that reach the gold answer, after every prefix`;
};

const chartOf = (chain, run, index) => {
  const own = chain.labels[index];
  if (!own || !(own.gold || own.decided)) return null;
  const about = aboutChart(run, own);
  const label = `${run.name}: ${about}`;
  const frame = s("svg", { class: "chart", role: "img", "aria-label": label, "--own": `var(--m${index % 6})` });
  const caption = h("figcaption", {}, marker(index), h("b", {}, run.name));
  return { figure: h("figure", {}, caption, frame, h("p", {}, about)), draw: () => drawChart(frame, chain, run, own) };
};
