// A paper sheet by keyboard: Enter and the arrows go from cell to cell, a block pasted from Excel fills the grid.
// Without it every cell is a plain input, and the block goes into the field below the table.
(function () {
  "use strict";

  var table = document.querySelector("[data-grid]");
  if (!table) { return; }
  var columns = table.getAttribute("data-grid").split(" ");
  var last = parseInt(table.getAttribute("data-rows"), 10);

  function cell(row, column) { return document.getElementsByName("r" + row + "-" + columns[column])[0]; }

  function place(input) {
    var found = /^r(\d+)-(\w+)$/.exec(input.name || "");
    var column = found ? columns.indexOf(found[2]) : -1;
    return column < 0 ? null : { row: parseInt(found[1], 10), column: column };
  }

  function go(row, column) {
    var target = row >= 1 && row <= last ? cell(row, column) : null;
    if (target) { target.focus(); target.select(); }
    return !!target;
  }

  table.addEventListener("keydown", function (event) {
    var at = place(event.target);
    // While Chinese is being composed, Enter and the arrows belong to the input method.
    if (!at || event.isComposing || event.keyCode === 229 || event.ctrlKey || event.altKey || event.metaKey) { return; }
    var input = event.target;
    var atStart = input.selectionStart === 0 && input.selectionEnd === 0;
    var atEnd = input.selectionStart === input.value.length;
    var whole = input.value.length > 0 && input.selectionStart === 0 && input.selectionEnd === input.value.length;
    var moved = null;
    if (event.key === "Enter") { moved = [at.row + (event.shiftKey ? -1 : 1), at.column]; }
    else if (event.key === "ArrowDown") { moved = [at.row + 1, at.column]; }
    else if (event.key === "ArrowUp") { moved = [at.row - 1, at.column]; }
    else if (event.key === "ArrowLeft" && (atStart || whole)) { moved = [at.row, at.column - 1]; }
    else if (event.key === "ArrowRight" && (atEnd || whole)) { moved = [at.row, at.column + 1]; }
    if (moved === null) { return; }
    event.preventDefault(); // Enter in a row never sends the form
    if (moved[1] >= 0 && moved[1] < columns.length) { go(moved[0], moved[1]); }
  });

  table.addEventListener("paste", function (event) {
    var at = place(event.target);
    var board = event.clipboardData || window.clipboardData;
    var text = at && board ? board.getData("text") : "";
    if (!/[\t\n]/.test(text.replace(/\r?\n$/, ""))) { return; } // a single cell is pasted as anywhere
    event.preventDefault();
    var lines = text.replace(/\r\n?/g, "\n").replace(/\n$/, "").split("\n");
    var left = [];
    for (var i = 0; i < lines.length; i++) {
      if (at.row + i > last) { left = lines.slice(i); break; }
      var cells = lines[i].split("\t");
      for (var j = 0; j < cells.length && at.column + j < columns.length; j++) {
        var input = cell(at.row + i, at.column + j);
        if (input) { input.value = cells[j].replace(/^\s+|\s+$/g, ""); }
      }
    }
    var more = document.getElementById("pasted");
    if (left.length && more) { // what has no room here goes behind the last row once it is sent
      var gap = new Array(at.column + 1).join("\t");
      more.value = (more.value ? more.value + "\n" : "") + left.map(function (line) { return gap + line; }).join("\n");
      more.focus();
    } else {
      go(Math.min(at.row + lines.length, last), at.column);
    }
  });
})();
