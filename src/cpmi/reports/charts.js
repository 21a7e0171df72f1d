// The small charts of one chain, drawn at the width of their column so that type keeps its size.

const HEIGHT = 170, LEFT = 38, RIGHT = 46, TOP = 20, BOTTOM = 24;

// Round numbers that span the values: three or four of them.
const ticksOf = (low, high) => {
  const rough = (high - low) / 3 || 1, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((m) => m * power).find((one) => one >= rough);
  const ticks = [];
  for (let at = Math.ceil(low / step - 1e-9) * step; at <= high + step * 1e-9; at += step) ticks.push(at);
  return ticks;
};
const digitsOf = (ticks) => {
  const gap = ticks.length > 1 ? ticks[1] - ticks[0] : 1;
  const fits = (digits) => Math.abs(gap * 10 ** digits - Math.round(gap * 10 ** digits)) < 1e-9;
  return [0, 1].find(fits) ?? 2;
};

const lineThrough = (values, x, y) => {
  let path = "", pen = "M";
  values.forEach((value, at) => {
    if (value === null) { pen = "M"; return; }
    path += `${pen}${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
    pen = "L";
  });
  return path;
};

const diamond = (x, y) => `M${x - 5} ${y}L${x} ${y - 5}L${x + 5} ${y}L${x} ${y + 5}Z`;

// P values begin before the first step; S values (rollouts after every step) begin at the first.
const aligned = (values, numSteps) => (values.length === numSteps ? [null, ...values] : values);

// What is drawn: series by name, the range of values, and where a place and a value lie on the paper.
const layOut = (chain, own, width) => {
  const numSteps = chain.steps.length;
  const rates = own.decided && own.successes.map((count, at) => (own.decided[at] ? count / own.decided[at] : null));
  const series = rates
    ? [["rate", aligned(rates, numSteps)]]
    : [["wrong", aligned(own.wrong, numSteps)], ["gold", aligned(own.gold, numSteps)]];
  const values = series.flatMap(([, column]) => column).filter((value) => value !== null);
  let [low, high] = rates ? [0, 1] : [Math.min(...values), Math.max(...values)];
  if (high - low < 0.1) { low -= 0.05; high += 0.05; }
  const right = width - (rates ? 12 : RIGHT);
  const x = (at) => LEFT + 6 + (at * (right - LEFT - 12)) / Math.max(1, numSteps);
  const y = (value) => HEIGHT - BOTTOM - ((value - low) * (HEIGHT - TOP - BOTTOM)) / (high - low);
  return { numSteps, series, low, high, right, x, y, rates: Boolean(rates) };
};

const gridOf = ({ numSteps, low, high, right, x, y }) => {
  const ticks = ticksOf(low, high), digits = digitsOf(ticks), parts = [];
  for (const tick of ticks) {
    parts.push(s("line", { class: "axis", x1: LEFT, x2: right, y1: y(tick), y2: y(tick) }),
      s("text", { x: LEFT - 6, y: y(tick) + 4, "text-anchor": "end" }, number(tick, digits)));
  }
  const every = Math.ceil((numSteps + 1) / Math.max(2, Math.floor((right - LEFT) / 22)));
  for (let at = 0; at <= numSteps; at += 1) {
    if (at % every === 0) parts.push(s("text", { x: x(at), y: HEIGHT - 6, "text-anchor": "middle" }, String(at)));
    parts.push(s("line", { class: "guide", "data-at": at, x1: x(at), x2: x(at), y1: TOP, y2: HEIGHT - BOTTOM }));
  }
  return parts;
};

const errorOf = (chain, width, x) => {
  if (chain.first_error === null) return [];
  const at = x(chain.first_error + 1);
  const anchor = at > width * 0.7 ? "end" : at < width * 0.3 ? "start" : "middle";
  return [s("line", { class: "error", x1: at, x2: at, y1: TOP - 4, y2: HEIGHT - BOTTOM }),
    s("text", { class: "error-name", x: at, y: TOP - 9, "text-anchor": anchor }, "first error")];
};

// Lines where every place continues the one before; else each place stands alone, its two answers linked.
const curvesOf = ({ series, x, y, rates }, contexts) => {
  const parts = [], joined = rates || contexts === "prefix";
  if (!joined) {
    series[0][1].forEach((value, at) => parts.push(
      s("line", { class: "link", x1: x(at), x2: x(at), y1: y(value), y2: y(series[1][1][at]) })));
  }
  for (const [name, column] of series) {
    if (joined) parts.push(s("path", { class: name, d: lineThrough(column, x, y) }));
    column.forEach((value, at) => {
      if (value === null) return;
      parts.push(name === "wrong"
        ? s("path", { class: "wrong-point", d: diamond(x(at), y(value)) })
        : s("circle", { class: `${name}-point`, cx: x(at), cy: y(value), r: 4 }));
    });
  }
  return parts;
};

// The names at the ends of the lines, moved apart where they would touch.
const namesOf = ({ numSteps, series, x, y, rates }) => {
  if (rates) return [];
  const [wrong, gold] = series.map(([, column]) => y(column[column.length - 1]));
  const push = Math.max(0, 13 - Math.abs(gold - wrong)) / 2, up = gold <= wrong ? 1 : -1;
  return [
    s("text", { class: "gold-name", x: x(numSteps) + 9, y: gold + 4 - push * up }, "gold"),
    s("text", { class: "wrong-name", x: x(numSteps) + 9, y: wrong + 4 + push * up }, "wrong"),
  ];
};

const drawChart = (frame, chain, run, own) => {
  const width = Math.max(200, frame.parentElement.clientWidth);
  const plan = layOut(chain, own, width);
  frame.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
  frame.setAttribute("height", HEIGHT);
  frame.replaceChildren(
    ...gridOf(plan), ...errorOf(chain, width, plan.x), ...curvesOf(plan, run.contexts), ...namesOf(plan));
};
