// Filters the table of the evidence browser. Without this script the whole table is shown.
document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector(".evidence-filter");
  if (!form) return;
  const rows = [...document.querySelectorAll(".evidence-table tbody tr")];
  const none = document.querySelector(".evidence-none");
  const count = form.querySelector(".evidence-count");
  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const texts = rows.map((row) => fold(row.textContent));

  function apply() {
    const wanted = Object.fromEntries(new FormData(form));
    const words = fold(wanted.text).split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, i) => {
      const fits =
        words.every((word) => texts[i].includes(word)) &&
        ["source", "speaker", "topic", "voice", "certainty"].every(
          (name) => !wanted[name] || row.dataset[name] === wanted[name],
        ) &&
        (!wanted.has || row.dataset.has.split(" ").includes(wanted.has));
      row.hidden = !fits;
      shown += fits;
    });
    none.hidden = shown > 0;
    count.textContent = `${shown} of ${rows.length} statements`;
    const query = new URLSearchParams(Object.entries(wanted).filter(([, value]) => value));
    const address = query.size ? `?${query}` : location.pathname.split("/").pop();
    history.replaceState(null, "", address + location.hash);
  }

  for (const [name, value] of new URLSearchParams(location.search)) {
    if (form.elements[name]) form.elements[name].value = value;
  }
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(apply));
  apply();
});
