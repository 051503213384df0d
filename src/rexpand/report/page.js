"use strict";
// Draws the charts in the reader's theme; sorts, filters and finds rows of tables.

const embedded = JSON.parse(document.getElementById("charts").textContent);
const dark = matchMedia("(prefers-color-scheme: dark)");
const views = new Map();

function theme(box, legend) {
  const { axisY, ...config } = dark.matches ? embedded.dark : embedded.light;
  if (box.clientWidth >= 520) return { ...config, axisY, legend: { ...config.legend, ...legend } };
  // On a telephone names are long for one line: they are set smaller.
  const small = { labelFontSize: 11, ...legend };
  return { ...config, axisY: { ...axisY, labelFontSize: 10.5 }, legend: { ...config.legend, ...small } };
}

// The specification with every legend in so many columns.
function inColumns(part, columns) {
  if (Array.isArray(part)) return part.map((each) => inColumns(each, columns));
  if (part === null || typeof part !== "object") return part;
  const entries = Object.entries(part).map(([key, value]) => [
    key,
    key === "legend" && value ? { ...value, columns } : inColumns(value, columns),
  ]);
  return Object.fromEntries(entries);
}

// How far, in pixels, the widest legend goes beyond the box.
function legendsExcess(box) {
  const right = box.getBoundingClientRect().right + 1;
  const legends = [...box.querySelectorAll(".role-legend")];
  return Math.max(0, ...legends.map((each) => each.getBoundingClientRect().right - right));
}

// The chart at the width of its box.
function onPage(box) {
  const chart = embedded.specs[box.dataset.chart];
  const fit = { width: "container", autosize: { type: "fit-x", contains: "padding" } };
  if (!chart.facet) return { ...chart, ...fit };
  // A facet has a width per panel: the page scales it as it scales a picture, on a
  // telephone one panel under the other.
  return box.clientWidth < 520 ? inColumns({ ...chart, columns: 1 }, 3) : chart;
}

async function embed(box, spec, legend = {}) {
  const name = box.dataset.chart;
  const result = await vegaEmbed(box, spec, {
    mode: "vega-lite",
    renderer: "svg",
    actions: false,
    config: theme(box, legend),
    tooltip: { theme: dark.matches ? "dark" : "light" },
  });
  views.get(name)?.finalize();
  views.set(name, result.view);
  result.view.addEventListener("click", (_, item) => findRow(item?.datum?.row));
}

// A legend that is wider than the chart gets fewer columns; at last its names are cut.
async function draw(box) {
  const chart = onPage(box);
  await embed(box, chart);
  for (const columns of [3, 2, 1]) {
    if (!legendsExcess(box)) return;
    await embed(box, inColumns(chart, columns));
  }
  const excess = legendsExcess(box);
  if (!excess) return;
  const names = [...box.querySelectorAll(".role-legend-label text")];
  const longest = Math.max(...names.map((each) => each.getBoundingClientRect().width));
  await embed(box, inColumns(chart, 1), { labelLimit: longest - excess });
}

async function drawAll() {
  await Promise.all([...document.querySelectorAll(".chart")].map(draw));
  document.documentElement.dataset.drawn = "true";
}

async function save(button) {
  const name = button.closest("figure").querySelector(".chart").dataset.chart;
  const link = document.createElement("a");
  link.href = await views.get(name).toImageURL(button.dataset.format, 2);
  link.download = `${name}.${button.dataset.format}`;
  link.click();
}

// A cell without a number sorts last, whichever way the column is sorted.
function compare(column, sign) {
  return (first, second) => {
    const [a, b] = [first.cells[column], second.cells[column]];
    if (!a.classList.contains("number")) {
      return sign * a.textContent.localeCompare(b.textContent);
    }
    const [x, y] = [a.dataset.value, b.dataset.value];
    if (x === undefined || y === undefined) {
      return (x === undefined) - (y === undefined);
    }
    return sign * (Number(x) - Number(y));
  };
}

function sortBy(header) {
  const table = header.closest("table");
  const isFirst = header.getAttribute("aria-sort") === "none";
  // Numbers are wanted largest first, words from A.
  const starts = header.classList.contains("number") ? "descending" : "ascending";
  const other = { ascending: "descending", descending: "ascending" };
  const order = isFirst ? starts : other[header.getAttribute("aria-sort")];
  for (const each of table.tHead.rows[0].cells) each.setAttribute("aria-sort", "none");
  header.setAttribute("aria-sort", order);
  const rows = [...table.tBodies[0].rows];
  rows.sort(compare(header.cellIndex, order === "ascending" ? 1 : -1));
  table.tBodies[0].append(...rows);
}

function filterTrials(table) {
  const words = document.getElementById("filter").value.toLowerCase().split(/\s+/);
  const group = document.getElementById("group").value;
  const rows = [...table.tBodies[0].rows];
  for (const row of rows) {
    const text = row.textContent.toLowerCase();
    const isGroup = !group || row.querySelector(`.dot.${group}`) !== null;
    row.hidden = !(isGroup && words.every((word) => text.includes(word)));
  }
  const shown = rows.filter((row) => !row.hidden).length;
  document.getElementById("shown").textContent = `${shown} of ${rows.length} trials`;
}

// A point of a chart names its row by the row's first cell; that of a trial is among all
// trials, although the front has some of them too.
function findRow(name) {
  if (name === undefined) return;
  const place = document.getElementById("trials") ? "#trials" : "";
  for (const row of document.querySelectorAll(`${place} table.sortable tbody tr`)) {
    const isFound = row.cells[0].textContent === name;
    row.classList.toggle("found", isFound);
    if (!isFound) continue;
    row.hidden = false;
    row.scrollIntoView({ block: "center" });
  }
}

// A table that is wider than its box says so, and fades at the edge that goes on.
function tellOfMore(box) {
  const hidden = box.scrollWidth - box.clientWidth;
  const edge = box.getBoundingClientRect().right;
  const heads = [...box.querySelectorAll("th")];
  const outside = heads.filter((each) => each.getBoundingClientRect().right > edge + 1);
  const hint = box.previousElementSibling;
  hint.hidden = hidden <= 1;
  hint.textContent = outside.length
    ? `Scroll sideways: ${outside.length} more ${outside.length > 1 ? "columns" : "column"} →`
    : "← Scroll back for the first columns";
  box.classList.toggle("more", outside.length > 0);
}

for (const box of document.querySelectorAll(".scroll")) {
  new ResizeObserver(() => tellOfMore(box)).observe(box);
  box.addEventListener("scroll", () => tellOfMore(box));
  tellOfMore(box);
}

drawAll();
dark.addEventListener("change", drawAll);
for (const button of document.querySelectorAll(".save")) {
  button.addEventListener("click", () => save(button));
}

for (const header of document.querySelectorAll("table.sortable thead th")) {
  header.querySelector("button").addEventListener("click", () => sortBy(header));
}

const trials = document.querySelector("#trials table");
if (trials) {
  for (const id of ["filter", "group"]) {
    document.getElementById(id).addEventListener("input", () => filterTrials(trials));
  }
  filterTrials(trials);
}
