// What a page does beyond showing text. Without this script every page is complete.
const html = document.documentElement;
const root = document.currentScript.dataset.root;

// Theme: auto, light, dark. The choice is kept in the browser.
const themes = ["auto", "light", "dark"];
const themeSwitch = document.querySelector(".theme-switch");
function showTheme() {
  themeSwitch.textContent = `Theme: ${html.dataset.theme || "auto"}`;
}
themeSwitch.hidden = false;
themeSwitch.addEventListener("click", () => {
  const next = themes[(themes.indexOf(html.dataset.theme || "auto") + 1) % themes.length];
  if (next === "auto") delete html.dataset.theme;
  else html.dataset.theme = next;
  try {
    if (next === "auto") localStorage.removeItem("theme");
    else localStorage.setItem("theme", next);
  } catch {
    // a browser that keeps nothing still switches
  }
  showTheme();
});
showTheme();

// A preview of an evidence row, when a link to it has the pointer or the focus.
const preview = document.createElement("div");
preview.className = "preview";
preview.id = "preview";
preview.setAttribute("role", "tooltip");
preview.hidden = true;
document.body.append(preview);

let rows;
function loadRows() {
  rows ??= new Promise((done) => {
    const script = document.createElement("script");
    script.src = `${root}_static/evidence-rows.js`;
    script.onload = () => done(window.evidenceRows);
    document.head.append(script);
  });
  return rows;
}

let wanted;
async function show(link) {
  wanted = link;
  const row = (await loadRows())[link.hash.slice(1)];
  if (!row || wanted !== link) return;
  const [speaker, certainty, gist] = row;
  preview.replaceChildren(
    Object.assign(document.createElement("strong"), { textContent: speaker }),
    ` (${certainty}): ${gist}`,
  );
  preview.hidden = false;
  link.setAttribute("aria-describedby", "preview");
  const at = link.getBoundingClientRect();
  const width = Math.min(360, html.clientWidth - 24);
  preview.style.width = `${width}px`;
  preview.style.left = `${Math.max(12, Math.min(at.left, html.clientWidth - width - 12)) + scrollX}px`;
  const below = at.bottom + preview.offsetHeight + 12 < innerHeight;
  preview.style.top = `${(below ? at.bottom + 6 : at.top - preview.offsetHeight - 6) + scrollY}px`;
}
function hide() {
  wanted?.removeAttribute("aria-describedby");
  wanted = undefined;
  preview.hidden = true;
}
for (const link of document.querySelectorAll('main a[href*="#"]')) {
  if (!/^#[a-z]+\d{4}\.p\d\d[a-z]$/.test(link.hash)) continue;
  link.classList.add("evidence");
  link.addEventListener("mouseenter", () => show(link));
  link.addEventListener("focus", () => show(link));
  link.addEventListener("mouseleave", hide);
  link.addEventListener("blur", hide);
}
addEventListener("keydown", (event) => event.key === "Escape" && hide());

// A chart becomes live when it comes near the view; until then, and without a script, the picture stands.
let vega;
function loadVega() {
  vega ??= new Promise((done) => {
    const script = document.createElement("script");
    script.src = `${root}_static/vega.js`;
    script.onload = () => done(window.vegaEmbed);
    document.head.append(script);
  });
  return vega;
}
async function bringToLife(chart) {
  const picture = chart.querySelector("svg");
  const spec = JSON.parse(chart.querySelector("script").textContent);
  const embed = await loadVega();
  const live = document.createElement("div");
  const options = { mode: "vega-lite", actions: false, renderer: "svg", tooltip: { disableDefaultStyle: true } };
  const { view } = await embed(live, spec, options);
  const svg = live.querySelector("svg");
  svg.setAttribute("viewBox", picture.getAttribute("viewBox"));
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", picture.getAttribute("aria-label"));
  picture.replaceWith(svg);
  chart.classList.add("live");
  view.addEventListener("click", (event, item) => {
    const row = item?.datum?.statement_id;
    if (row) location.href = `../evidence/${row.split(".")[0]}.html#${row}`;
  });
}
const near = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      bringToLife(target);
    }
  },
  { rootMargin: "100px" },
);
for (const spec of document.querySelectorAll(".chart > script")) near.observe(spec.parentElement);

// Opened from a folder, a page cannot start Python: it says what to do instead.
const start = document.querySelector(".run-start");
if (start && location.protocol === "file:") {
  start.hidden = true;
  document.querySelector(".run-hint").hidden = false;
}

// A printed page shows what is folded on the screen.
let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("main details:not([open], .hide, .run, .chart-notes details)")];
  for (const details of opened) details.open = true;
});
addEventListener("afterprint", () => {
  for (const details of opened) details.open = false;
});
