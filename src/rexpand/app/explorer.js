"use strict";
// The page's own parts inside Gradio: a board that is dragged, and charts that follow it.
// Every part gets its element, its props, and Gradio's `trigger`, `watch` and `server`.

window.rexpand = (() => {
  const REST = 300; // milliseconds without a change: the drag has come to rest
  const charts = new Map(); // by the name of their rows in the board's state

  // One range input per bar, so that arrow keys, touch and screen readers work. The board
  // keeps the state: it sends it with every move, and the answer is the next state.
  function board(element, props, trigger, watch, server) {
    const bars = element.querySelector(".rx-bars");
    const line = element.querySelector(".rx-line");
    const sliders = [...line.querySelectorAll("[data-move]")];
    const held = [...line.querySelectorAll("[type=radio]")];
    let state = props.value;
    let base = null; // the channels when the hand took hold
    let hand = null; // the input that is being moved
    let waiting = null, isAsking = false, rest = 0;

    const watcher = new MutationObserver(fresh);

    // Of the moves that come while one is answered, the last is asked.
    async function ask(move) {
      waiting = move;
      const file = document.querySelector("#spec"); // it is placed after the board
      file.classList.add("rx-stale");
      watcher.observe(file, { childList: true, subtree: true });
      clearTimeout(rest);
      rest = 0;
      if (isAsking) return;
      isAsking = true;
      while (waiting) {
        const asked = waiting;
        waiting = null;
        const { label, channels } = state;
        const bound = { held: state.held, bound: state.bound.value };
        const answer = await server.move({ state: { label, channels, ...bound }, move: asked });
        if (answer?.label !== state.label) continue; // another network was opened
        state = answer;
        if (!waiting) show();
      }
      isAsking = false;
      rest = setTimeout(settle, REST);
    }

    // Gradio is told: what takes longer than a drag may take begins now.
    function settle() {
      rest = 0;
      fresh();
      props.value = state;
      trigger("submit");
    }

    // The file on the page is of the network that is shown.
    function fresh() {
      const link = document.querySelector("#spec .rx-download");
      const isOfThis = link?.dataset.channels === state.channels.join("-");
      if (isOfThis && !isAsking && !rest) link.closest("#spec").classList.remove("rx-stale");
    }

    function take(input) {
      hand = input;
      base ??= state.channels;
    }

    function release() {
      hand = base = null;
      if (!isAsking) show();
    }

    function newBar(each, index) {
      const label = document.createElement("label");
      label.className = "rx-bar";
      label.innerHTML =
        '<span class="rx-name"></span><span class="rx-track"><i></i><input type="range" min="0"></span><output></output>';
      const input = label.querySelector("input");
      input.addEventListener("input", () => {
        take(input);
        const value = Math.max(Number(input.value), state.step);
        drawBar(label, value);
        ask({ kind: "bar", bar: index, value, base });
      });
      input.addEventListener("change", release);
      return label;
    }

    function drawBar(label, width) {
      const input = label.querySelector("input");
      input.setAttribute("aria-valuetext", `${width} channels`);
      label.style.setProperty("--fill", width / Number(input.max));
      label.querySelector("output").textContent = width;
    }

    function showBars() {
      if (bars.children.length !== state.bars.length) bars.replaceChildren(...state.bars.map(newBar));
      state.bars.forEach((each, index) => {
        const label = bars.children[index], input = label.querySelector("input");
        label.querySelector(".rx-name").textContent = each.label;
        input.setAttribute("aria-label", `${each.label.includes("-") ? "Blocks" : "Block"} ${each.label}`);
        input.step = state.step;
        input.max = state.most;
        label.style.setProperty("--start", each.start / state.most);
        if (input !== hand) input.value = each.width;
        drawBar(label, input === hand ? Number(input.value) : each.width);
      });
    }

    function showSlider(input) {
      const { value, most } = state[input.dataset.move];
      input.max = most;
      if (input.dataset.move === "bound") {
        input.step = most / 1000;
        input.disabled = state.held === "nothing";
        input.closest("label").classList.toggle("rx-off", input.disabled);
      }
      if (input !== hand) input.value = value;
      said(input, input === hand ? Number(input.value) : value);
    }

    function said(input, value) {
      const isCount = input.dataset.move === "bound";
      const text = !isCount ? `${value}` : state.held === "nothing" ? "nothing is held" : `${(value / 1e6).toFixed(2)}M ${state.held}`;
      input.setAttribute("aria-valuetext", text);
      input.closest("label").querySelector("output").textContent = text;
    }

    function show() {
      document.querySelector("#readings .rx-place").innerHTML = state.readings;
      element.classList.toggle("rx-fixed", !state.bars.length);
      if (state.bars.length) {
        showBars();
        sliders.forEach(showSlider);
        held.forEach((each) => { each.checked = each.value === state.held; });
      }
      // The numbers are on the screen before the charts are drawn.
      requestAnimationFrame(() => setTimeout(() => {
        for (const [name, rows] of charts) rows(state[name]);
      }));
    }

    for (const input of sliders) {
      input.addEventListener("input", () => {
        take(input);
        const value = Number(input.value);
        said(input, value);
        const { slope, intercept } = state;
        ask({ kind: input.dataset.move, value, slope: slope.value, intercept: intercept.value });
      });
      input.addEventListener("change", release);
    }
    for (const each of held) each.addEventListener("change", () => ask({ kind: "held", held: each.value }));
    line.querySelector("button").addEventListener("click", () => trigger("click"));
    watch("value", () => {
      if (props.value === state) return;
      state = props.value;
      waiting = hand = base = null;
      show();
    });
    show();
  }

  // A chart is drawn once, and then only its rows change.
  function chart(element, props, trigger, watch) {
    const box = element.querySelector(".rx-chart");
    const name = box.dataset.rows;
    let view = null, frame = null, rows = null, isBusy = false, isStale = false;

    const isDark = () => document.body.classList.contains("dark");

    async function embed() {
      const { config: _, ...bare } = props.value.spec;
      const fit = { width: "container", height: 240, autosize: { type: "fit-x", contains: "padding" } };
      const config = { ...(isDark() ? props.dark : props.light), background: null };
      const result = await vegaEmbed(box, { ...bare, ...fit, data: { name: "rows", values: rows } }, {
        mode: "vega-lite", renderer: "svg", actions: false, config,
        tooltip: { theme: isDark() ? "dark" : "light" },
      });
      view?.finalize();
      view = result.view;
      view.addEventListener("click", (_, item) => {
        if (item?.datum?.row !== undefined) trigger("select", { row: item.datum.row });
      });
    }

    async function draw() {
      isStale = true;
      if (isBusy || !props.value) return;
      isBusy = true;
      while (isStale) {
        isStale = false;
        const wanted = JSON.stringify(props.value.spec) + isDark();
        if (wanted !== frame) {
          await embed();
          frame = wanted;
        } else {
          await view.data("rows", rows).runAsync();
        }
      }
      isBusy = false;
      box.dataset.drawn = "true";
    }

    function opened() {
      rows = props.value?.rows;
      draw();
    }
    if (name) charts.set(name, (next) => { rows = next; draw(); });
    watch("value", opened);
    new MutationObserver(draw).observe(document.body, { attributeFilter: ["class"] });
    opened();
  }

  return { board, chart };
})();
