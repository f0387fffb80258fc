// Opens a chapter in the JupyterLab beside this page, says how far it is, and runs it.
const status = document.querySelector("[role=status]");
const progress = document.querySelector("progress");
const button = document.querySelector(".run-all");
const chapter = new URLSearchParams(location.search).get("chapter") ?? "";
const megabytes = (bytes) => (bytes / 1e6).toFixed(0);
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const begun = Date.now();
const seconds = () => Math.round((Date.now() - begun) / 1000);

function say(text, part) {
  status.textContent = text;
  progress.hidden = part === undefined;
  if (part !== undefined) progress.value = part;
}

// The files of Python, so that the browser has them when Python asks, and the reader sees how many
// are left; and the tables, each in an editor of its own.
async function load() {
  const { files, bytes, tables } = await (await fetch("run.json")).json();
  const list = document.querySelector(".run-tables ul");
  for (const table of tables) {
    const link = document.createElement("a");
    link.href = `edit/index.html?path=data/${table}&factory=Editor`;
    link.target = "_blank";
    link.textContent = table;
    const item = document.createElement("li");
    item.append(link);
    list.append(item);
  }
  let got = 0;
  say(`Loading Python: 0 of ${megabytes(bytes)} MB`, 0);
  for (const path of files) {
    const answer = await fetch(path);
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    const reader = answer.body.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      got += part.value.length;
      say(`Loading Python: ${megabytes(got)} of ${megabytes(bytes)} MB`, got / bytes);
    }
  }
}

// The notebook's panel, once its Python answers.
async function opened(frame) {
  while (seconds() < 240) {
    const panel = frame.contentWindow.jupyterapp?.shell.currentWidget;
    if (panel?.sessionContext?.session?.kernel?.status === "idle") return panel;
    say(`Starting Python: ${seconds()} s. The first time takes 20 to 40.`);
    await pause(250);
  }
  throw new Error("Python did not start. Load this page again, or try another browser.");
}

async function runAll(frame, panel) {
  const cells = panel.content.widgets.filter((cell) => cell.model.type === "code");
  const failed = () => cells.some((cell) => cell.model.outputs.toJSON().some((o) => o.output_type === "error"));
  button.disabled = true;
  const done = frame.contentWindow.jupyterapp.commands.execute("notebook:run-all-cells");
  let over = false;
  done.finally(() => (over = true));
  while (!over) {
    const ran = cells.filter((cell) => cell.model.executionState !== "running" && cell.model.executionCount).length;
    say(`Running: ${ran} of ${cells.length} cells`, ran / cells.length);
    await pause(250);
  }
  panel.content.activeCellIndex = 0;
  panel.content.scrollToItem(0);
  // without https, and not on this computer, a browser gives Python no files
  const tables = isSecureContext ? "" : " Python reads its own copy of the tables here.";
  if (failed()) say("A cell stopped with an error; it is shown under the cell.");
  else say(`Ran all ${cells.length} cells. Change one and press Shift+Enter.${tables}`);
  button.disabled = false;
}

// A link to a page of the book opens the page, not the file it was written in.
function openPages(frame) {
  frame.contentDocument.addEventListener(
    "click",
    (event) => {
      const link = event.target.closest?.("a[href]");
      const page = link && new URL(link.href).pathname.match(/\/files\/(book\/.*)\.md$/);
      if (!page) return;
      event.preventDefault();
      event.stopPropagation();
      open(`../${page[1]}.html${new URL(link.href).hash}`);
    },
    true,
  );
}

// The notebook follows the theme of the book.
function follow(frame) {
  const theme = document.documentElement.dataset.theme;
  const dark = theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const name = dark ? "JupyterLab Dark" : "JupyterLab Light";
  frame.contentWindow.jupyterapp.commands.execute("apputils:change-theme", { theme: name });
}

async function start() {
  if (!/^[a-z-]+$/.test(chapter)) return say("No chapter is named in the address.");
  document.querySelector(".run-back").href = `../book/chapters/${chapter}.html`;
  await load();
  const frame = document.createElement("iframe");
  frame.title = "The chapter as a notebook";
  frame.src = `notebooks/index.html?path=book/chapters/${chapter}.ipynb`;
  document.querySelector("main").append(frame);
  const panel = await opened(frame);
  openPages(frame);
  follow(frame);
  // the notebook settles for a moment before it takes a command
  await pause(1000);
  button.addEventListener("click", () => runAll(frame, panel));
  await runAll(frame, panel);
}

start().catch((error) => say(`This did not work: ${error.message}`));
