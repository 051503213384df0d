"use strict";
// Draws the charts in the reader's theme, and sorts and filters the table of trials.

const embedded = JSON.parse(document.getElementById("charts").textContent);
const dark = matchMedia("(prefers-color-scheme: dark)");
const views = new Map();

function theme(box) {
  const { legend, ...config } = dark.matches ? embedded.dark : embedded.light;
  // On a telephone a legend of three entries in one line would be cut off.
  const columns = box.clientWidth < 520 ? { columns: 2 } : {};
  return { ...config, legend: { ...legend, ...columns } };
}

async function draw(box) {
  const name = box.dataset.chart;
  const chart = embedded.specs[name];
  // A facet has a width a panel: the page scales it as it scales a picture.
  const fit = { width: "container", autosize: { type: "fit-x", contains: "padding" } };
  const spec = chart.facet ? chart : { ...chart, ...fit };
  const result = await vegaEmbed(box, spec, {
    mode: "vega-lite",
    renderer: "svg",
    actions: false,
    config: theme(box),
    tooltip: { theme: dark.matches ? "dark" : "light" },
  });
  views.get(name)?.finalize();
  views.set(name, result.view);
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
