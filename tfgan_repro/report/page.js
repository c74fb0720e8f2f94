"use strict";
// Sorting: a button in each header; values that are missing stay at the end.
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    head.querySelector("button").addEventListener("click", () => {
      const rising = head.getAttribute("aria-sort") !== "ascending";
      for (const other of heads) other.setAttribute("aria-sort", "none");
      head.setAttribute("aria-sort", rising ? "ascending" : "descending");
      const numeric = head.dataset.kind === "number";
      const key = (row) => row.cells[column].dataset.value ?? "";
      const rows = [...table.tBodies[0].rows];
      rows.sort((a, b) => {
        const [x, y] = [key(a), key(b)];
        if (x === "" || y === "") return (x === "") - (y === "");
        const order = numeric ? Number(x) - Number(y) : x.localeCompare(y);
        return rising ? order : -order;
      });
      table.tBodies[0].append(...rows);
    });
  });
}
// Two runs beside each other: copies of what the page shows of them.
const choices = [...document.querySelectorAll("#compare select")];
const columns = [...document.querySelectorAll("#compare .pair > div")];
function show(number) {
  const source = document.getElementById(choices[number].value);
  columns[number].replaceChildren();
  if (!source) return;
  const title = document.createElement("h3");
  title.textContent = choices[number].selectedOptions[0].textContent;
  const copy = source.querySelector(".run").cloneNode(true);
  copy.removeAttribute("id");
  for (const inner of copy.querySelectorAll("[id]")) inner.removeAttribute("id");
  columns[number].append(title, copy);
}
choices.forEach((choice, number) => choice.addEventListener("change", () => show(number)));
// A link to a run opens it.
function open() {
  let target;
  try {
    target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  } catch (error) {
    return;
  }
  if (target && target.tagName === "DETAILS") {
    target.open = true;
    target.scrollIntoView();
  }
}
addEventListener("hashchange", open);
open();
