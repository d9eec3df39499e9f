import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Plot, plotSvg } from "../../tools/soak/plot.ts";

const plot: Plot = {
  title: "Memory over turns",
  xLabel: "Turns",
  yLabel: "Memory (MiB)",
  series: [
    { label: "Deno", colour: "#1f6feb", points: [[0, 60], [2500, 110], [5000, 110]] },
    { label: "Deno, leak", colour: "#bc4c00", dashed: true, points: [[0, 60], [5000, 437.5]] },
  ],
};

/** The text elements with their coordinates. */
function textsOf(svg: string): { text: string; x: number; y: number }[] {
  return [...svg.matchAll(/<text x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]*)</g)]
    .map(([, x, y, text]) => ({ text: text!, x: Number(x), y: Number(y) }));
}

/** The points of each line, in the order of the series. */
function linesOf(svg: string): [number, number][][] {
  return [...svg.matchAll(/<polyline points="([^"]*)"/g)].map(([, points]) =>
    points!.split(" ").map((point) => point.split(",").map(Number) as [number, number])
  );
}

describe("plotSvg()", () => {
  it("draws a line for each series, at the place its values have on the axes", () => {
    const svg = plotSvg(plot);
    const [deno, leak] = linesOf(svg);
    const texts = textsOf(svg);
    const tick = (text: string) => texts.find((each) => each.text === text)!;
    assert.equal(deno?.length, 3);
    assert.equal(leak?.length, 2);
    // Ticks of the x axis stand below their values, those of the y axis beside them.
    assert.equal(deno![0]![0], texts.findLast(({ text }) => text === "0")!.x);
    assert.equal(deno![2]![0], tick("5,000").x);
    assert.equal(leak![1]![0], tick("5,000").x);
    const perUnit = (tick("0").y - tick("400").y) / 400;
    const zero = tick("0").y - 4;
    assert.ok(Math.abs(leak![1]![1] - (zero - 437.5 * perUnit)) < 0.1);
    assert.ok(Math.abs(deno![1]![1] - (zero - 110 * perUnit)) < 0.1);
  });

  it("keeps every line within the picture, whatever the values", () => {
    for (const largest of [0, 0.03, 1, 7, 99, 100, 101, 123_456]) {
      const points = [[0, 0], [largest, largest]] as const;
      const svg = plotSvg({ ...plot, series: [{ ...plot.series[0]!, points }] });
      const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? [];
      for (const [x, y] of linesOf(svg)[0]!) {
        assert.ok(x >= 0 && x <= Number(width), `${largest}: x is ${x}`);
        assert.ok(y >= 0 && y <= Number(height), `${largest}: y is ${y}`);
      }
    }
  });

  it("names the axes and, in a legend, the series", () => {
    const texts = textsOf(plotSvg(plot)).map(({ text }) => text);
    for (const text of ["Memory over turns", "Turns", "Memory (MiB)", "Deno", "Deno, leak"]) {
      assert.ok(texts.includes(text), text);
    }
  });

  it("draws the legend's lines like those of the series, on a light background", () => {
    const svg = plotSvg(plot);
    const leak = 'stroke="#bc4c00" stroke-width="2" stroke-dasharray="6 4"';
    assert.equal(svg.split(leak).length - 1, 2);
    assert.equal(svg.split('stroke="#1f6feb" stroke-width="2"/>').length - 1, 2);
    assert.match(svg, /<rect [^>]*fill="#ffffff"/);
  });

  it("escapes what it is given", () => {
    const svg = plotSvg({ ...plot, title: 'a < b & "c"' });
    assert.match(svg, /a &lt; b &amp; &quot;c&quot;/);
  });

  it("throws when there are no points", () => {
    const series = [{ label: "Deno", colour: "#000000", points: [] }];
    assert.throws(() => plotSvg({ ...plot, series }), {
      name: "TypeError",
      message: "Cannot plot: there are no points",
    });
  });
});
