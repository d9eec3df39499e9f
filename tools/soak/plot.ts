/** A line of a plot. */
export type Series = {
  label: string;
  /** A CSS colour. */
  colour: string;
  dashed?: boolean;
  points: readonly (readonly [x: number, y: number])[];
};

/** A plot of lines over a common pair of axes, both from 0. */
export type Plot = {
  title: string;
  xLabel: string;
  yLabel: string;
  series: readonly Series[];
};

const width = 860;
const height = 460;
const left = 70;
const right = 24;
const bottom = 54;
const lineHeight = 20;
const legendColumns = 3;

const ink = "#24292f";
const faint = "#d8dee4";

/** Draws a plot as SVG. Throws when there is nothing to draw. */
export function plotSvg({ title, xLabel, yLabel, series }: Plot): string {
  const points = series.flatMap((each) => each.points);
  if (points.length === 0) throw new TypeError("Cannot plot: there are no points");
  const legendLines = Math.ceil(series.length / legendColumns);
  const top = 44 + legendLines * lineHeight;
  const x = axis(points.map(([x]) => x), left, width - right);
  const y = axis(points.map(([, y]) => y), height - bottom, top);
  const middle = (left + width - right) / 2;
  const centre = (top + height - bottom) / 2;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" ` +
    `height="${height}" font-family="system-ui, sans-serif" font-size="12" fill="${ink}" role="img">`,
    `<title>${escape(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    text(left, 26, title, 'font-size="15" font-weight="600"'),
    ...series.flatMap(legend),
    ...y.ticks.flatMap((tick) => [
      line(left, y.at(tick), width - right, y.at(tick), faint),
      text(left - 8, y.at(tick) + 4, number(tick), 'text-anchor="end"'),
    ]),
    ...x.ticks.flatMap((tick) => [
      line(x.at(tick), height - bottom, x.at(tick), height - bottom + 5, ink),
      text(x.at(tick), height - bottom + 19, number(tick), 'text-anchor="middle"'),
    ]),
    line(left, height - bottom, width - right, height - bottom, ink),
    text(middle, height - 14, xLabel, 'text-anchor="middle"'),
    text(18, centre, yLabel, `text-anchor="middle" transform="rotate(-90 18 ${centre})"`),
    ...series.map(({ colour, dashed, points }) => {
      const path = points.map((point) => `${round(x.at(point[0]))},${round(y.at(point[1]))}`);
      return `<polyline points="${path.join(" ")}" fill="none" ${stroke(colour, dashed)}/>`;
    }),
    "</svg>",
    "",
  ].join("\n");
}

/** Places values between two coordinates; the ticks are round numbers, the last one at the end. */
function axis(
  values: readonly number[],
  from: number,
  to: number,
): { ticks: number[]; at: (value: number) => number } {
  const largest = values.reduce((a, b) => Math.max(a, b), 0) || 1;
  const step = roundStep(largest / 6);
  const count = Math.ceil(largest / step);
  const ticks = Array.from({ length: count + 1 }, (_, index) => round(index * step));
  return { ticks, at: (value) => from + (to - from) * value / (count * step) };
}

/** The next larger of 1, 2, 5, 10, 20, … */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 2, 5].find((factor) => factor * power >= least) ?? 10);
}

function legend({ label, colour, dashed }: Series, index: number): string[] {
  const x = left + (index % legendColumns) * (width - left - right) / legendColumns;
  const y = 48 + Math.floor(index / legendColumns) * lineHeight;
  return [
    `<line x1="${round(x)}" y1="${y - 4}" x2="${round(x + 28)}" y2="${y - 4}" ` +
    `${stroke(colour, dashed)}/>`,
    text(x + 36, y, label),
  ];
}

function stroke(colour: string, dashed = false): string {
  const dashes = dashed ? ' stroke-dasharray="6 4"' : "";
  return `stroke="${escape(colour)}" stroke-width="2"${dashes}`;
}

function line(x1: number, y1: number, x2: number, y2: number, colour: string): string {
  return `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" ` +
    `stroke="${colour}"/>`;
}

function text(x: number, y: number, content: string, attributes = ""): string {
  const more = attributes === "" ? "" : ` ${attributes}`;
  return `<text x="${round(x)}" y="${round(y)}"${more}>${escape(content)}</text>`;
}

/** A number for people, `12,500`. */
function number(value: number): string {
  return value.toLocaleString("en-GB");
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
