// Rows as CSV that a spreadsheet opens without running any of it.

/** A text that begins like a formula gets an apostrophe, the customary guard; numbers stay numbers. */
function csvCell(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  const text = /^\s*[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Lines as RFC 4180 has them, with a mark so that spreadsheets read UTF-8. */
export function toCsv(columns, rows) {
  return `\ufeff${[columns, ...rows].map((row) => row.map(csvCell).join(",")).join("\r\n")}\r\n`;
}
