"use strict";
// Sorting: a button in each header; values that are missing stay at the end.
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
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
const compare = document.getElementById("compare");
if (compare) {
  compare.hidden = false;
  const columns = [...compare.querySelectorAll(".pair > div")];
  [...compare.querySelectorAll("select")].forEach((choice, number) => choice.addEventListener("change", () => {
    columns[number].replaceChildren();
    const source = document.getElementById(choice.value);
    if (!source) return;
    const title = document.createElement("h4");
    title.textContent = choice.selectedOptions[0].textContent;
    const copy = source.cloneNode(true);
    copy.removeAttribute("id");
    columns[number].append(title, copy);
  }));
}
