/* Ask opening_hours.js about many texts.
 *
 * Standard input: a line of JSON {instants, publicHolidays, schoolHolidays, place}, then a text a line, as JSON.
 * Standard output: for each text a line of JSON: its state at each instant as digits (0 closed, 1 open, 2 unknown),
 * or {"error": why it cannot be read}. For texts with an open end a second row of digits follows: the states by the
 * library's own list of open intervals, since the two ways of asking differ there.
 *
 * The library's own holidays of China are those of no calendar (Women's Day counts, the Spring Festival does not), so
 * its table is given ours: what is compared is what the texts mean, not who knows the calendar.
 */
'use strict';
const fs = require('fs');
const path = require('path');
const Module = require('module');

const DAY_MS = 86400000;

function library(folder, publicHolidays, schoolHolidays) {
  const file = path.join(folder, 'node_modules', 'opening_hours', 'build', 'opening_hours.js');
  const found = /(const cn = \{\s*PH: )\[[^\n]*\],\n/;
  const source = fs.readFileSync(file, 'utf8');
  if (!found.test(source)) throw new Error('the table of Chinese holidays is not where it was');
  const given = JSON.stringify(publicHolidays) + ',\n SH: ' + JSON.stringify(schoolHolidays) + ',\n';
  const module_ = new Module(file, module);
  module_.filename = file;
  module_.paths = Module._nodeModulePaths(path.dirname(file));
  module_._compile(source.replace(found, (_, start) => start + given), file);
  return module_.exports;
}

function digit(isOpen, isUnknown) {
  return isOpen ? '1' : isUnknown ? '2' : '0';
}

/* Every instant is asked by itself: the next change that the library names is at times too late. */
function byInstant(hours, instants) {
  return instants.map((instant) => {
    const [isOpen, , isUnknown] = hours.getStatePair(instant);
    return digit(isOpen, isUnknown);
  }).join('');
}

function byInterval(hours, instants) {
  let found = '';
  let day = null;
  let intervals = [];
  for (const instant of instants) {
    const midnight = new Date(instant.getFullYear(), instant.getMonth(), instant.getDate());
    if (day === null || midnight.getTime() !== day) {
      day = midnight.getTime();
      intervals = hours.getOpenIntervals(midnight, new Date(day + DAY_MS));
    }
    const one = intervals.find(([from, to]) => from <= instant && instant < to);
    found += one ? digit(!one[2], one[2]) : '0';
  }
  return found;
}

const [head, ...texts] = fs.readFileSync(0, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line));
const OpeningHours = library(process.argv[2], head.publicHolidays, head.schoolHolidays);
const instants = head.instants.map((text) => new Date(text));
const place = { ...head.place, address: { country_code: 'cn', state: '' } };
for (const text of texts) {
  let told;
  try {
    const hours = new OpeningHours(text, place, { mode: 0 });
    told = [byInstant(hours, instants)];
    if (/\d\+|[a-z)]\+/.test(text)) told.push(byInterval(hours, instants));
  } catch (error) {
    told = { error: String(error) };
  }
  process.stdout.write(JSON.stringify(told) + '\n');
}
