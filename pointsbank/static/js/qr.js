// A small QR encoder for the leader's code screen, which has to go on drawing codes without network.
// Alphanumeric mode, error correction M, versions 1 to 6 (ISO/IEC 18004): all that an address in capitals needs.
// Checked module by module against the server's encoder in tests/activities/test_qr_script.py.
(function (root) {
  "use strict";
  var LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
  // By version: error correction words a block, blocks, data words a block, centre of the alignment pattern.
  var VERSIONS = [null, [10, 1, 16, 0], [16, 1, 28, 18], [26, 1, 44, 22], [18, 2, 32, 26], [24, 2, 43, 30], [16, 4, 27, 34]];
  var MASKS = [
    function (y, x) { return (y + x) % 2 === 0; },
    function (y) { return y % 2 === 0; },
    function (y, x) { return x % 3 === 0; },
    function (y, x) { return (y + x) % 3 === 0; },
    function (y, x) { return (Math.floor(y / 2) + Math.floor(x / 3)) % 2 === 0; },
    function (y, x) { return (y * x) % 2 + (y * x) % 3 === 0; },
    function (y, x) { return ((y * x) % 2 + (y * x) % 3) % 2 === 0; },
    function (y, x) { return ((y + x) % 2 + (y * x) % 3) % 2 === 0; }
  ];
  var EXP = [], LOG = [];
  for (var i = 0, value = 1; i < 255; i++) {
    EXP[i] = EXP[i + 255] = value;
    LOG[value] = i;
    value = value << 1 ^ (value & 128 ? 0x11d : 0);
  }

  function times(a, b) { return a && b ? EXP[LOG[a] + LOG[b]] : 0; }

  // The remainder of the data, as a polynomial over GF(256), by the generator of this degree (Reed and Solomon).
  function correction(data, degree) {
    var generator = [1], rest, i, j;
    for (i = 0; i < degree; i++) {
      generator.push(0);
      for (j = i + 1; j > 0; j--) { generator[j] ^= times(generator[j - 1], EXP[i]); }
    }
    rest = data.slice();
    for (i = 0; i < degree; i++) { rest.push(0); }
    for (i = 0; i < data.length; i++) {
      for (j = 1; j <= degree; j++) { rest[i + j] ^= times(generator[j], rest[i]); }
    }
    return rest.slice(data.length);
  }

  function bitsOf(text) {
    var bits = [];
    function put(number, width) { while (width--) { bits.push(number >> width & 1); } }
    put(2, 4);
    put(text.length, 9);
    for (var i = 0; i + 1 < text.length; i += 2) {
      put(LETTERS.indexOf(text[i]) * 45 + LETTERS.indexOf(text[i + 1]), 11);
    }
    if (text.length % 2) { put(LETTERS.indexOf(text[text.length - 1]), 6); }
    return bits;
  }

  function wordsOf(bits, room) {
    var words = [], i;
    for (i = 0; i < 4 && bits.length < room * 8; i++) { bits.push(0); }
    while (bits.length % 8) { bits.push(0); }
    for (i = 0; i < bits.length; i += 8) { words.push(parseInt(bits.slice(i, i + 8).join(""), 2)); }
    for (i = 0; words.length < room; i++) { words.push(i % 2 ? 0x11 : 0xec); }
    return words;
  }

  // Data words of all blocks in turn, then their correction words in turn.
  function interleaved(words, shape) {
    var data = [], checks = [], out = [], i, j;
    for (i = 0; i < shape[1]; i++) {
      data.push(words.slice(i * shape[2], (i + 1) * shape[2]));
      checks.push(correction(data[i], shape[0]));
    }
    for (j = 0; j < shape[2]; j++) { for (i = 0; i < data.length; i++) { out.push(data[i][j]); } }
    for (j = 0; j < shape[0]; j++) { for (i = 0; i < data.length; i++) { out.push(checks[i][j]); } }
    return out;
  }

  // The fixed patterns; null where data go.
  function frame(version) {
    var size = version * 4 + 17, grid = [], x, y, i, centre = VERSIONS[version][3];
    for (y = 0; y < size; y++) { grid.push([]); for (x = 0; x < size; x++) { grid[y].push(null); } }
    function finder(top, left) {
      for (var y = -1; y < 8; y++) {
        for (var x = -1; x < 8; x++) {
          if (grid[top + y] && left + x >= 0 && left + x < size) {
            var ring = Math.max(Math.abs(y - 3), Math.abs(x - 3));
            grid[top + y][left + x] = ring !== 2 && ring < 4;
          }
        }
      }
    }
    finder(0, 0); finder(0, size - 7); finder(size - 7, 0);
    for (i = 8; i < size - 8; i++) { grid[6][i] = grid[i][6] = i % 2 === 0; }
    for (y = -2; centre && y < 3; y++) {
      for (x = -2; x < 3; x++) { grid[centre + y][centre + x] = Math.max(Math.abs(x), Math.abs(y)) !== 1; }
    }
    return grid;
  }

  // Level M and the mask, protected by a BCH code, written twice beside the finders.
  function format(grid, mask) {
    var size = grid.length, rest = mask << 10, i, bit;
    for (i = 4; i >= 0; i--) { if (rest >> i + 10 & 1) { rest ^= 0x537 << i; } }
    var bits = (mask << 10 | rest) ^ 0x5412;
    for (i = 0; i < 15; i++) {
      bit = (bits >> i & 1) === 1;
      if (i < 6) { grid[i][8] = bit; } else if (i < 8) { grid[i + 1][8] = bit; } else { grid[size - 15 + i][8] = bit; }
      if (i < 8) { grid[8][size - 1 - i] = bit; } else if (i < 9) { grid[8][7] = bit; } else { grid[8][14 - i] = bit; }
    }
    grid[size - 8][8] = true;
  }

  // In pairs of columns from the right, up and down by turns, around what is fixed.
  function fill(grid, words, mask) {
    var size = grid.length, at = 0, up = true, x, n, y, side;
    for (x = size - 1; x > 0; x -= 2) {
      if (x === 6) { x = 5; }
      for (n = 0; n < size; n++) {
        y = up ? size - 1 - n : n;
        for (side = 0; side < 2; side++) {
          if (grid[y][x - side] === null) {
            var dark = at < words.length * 8 && (words[at >> 3] >> 7 - (at & 7) & 1) === 1;
            grid[y][x - side] = dark !== MASKS[mask](y, x - side);
            at++;
          }
        }
      }
      up = !up;
    }
  }

  function linePenalty(line) {
    var sum = 0, run = 1, text = "", i;
    for (i = 0; i < line.length; i++) {
      text += line[i] ? "1" : "0";
      if (i && line[i] === line[i - 1]) { run++; } else { if (run > 4) { sum += run - 2; } run = 1; }
    }
    if (run > 4) { sum += run - 2; }
    for (i = 0; i + 11 <= text.length; i++) {
      var part = text.substr(i, 11);
      if (part === "10111010000" || part === "00001011101") { sum += 40; }
    }
    return sum;
  }

  function penalty(grid) {
    var size = grid.length, sum = 0, dark = 0, x, y, column;
    for (y = 0; y < size; y++) {
      sum += linePenalty(grid[y]);
      column = [];
      for (x = 0; x < size; x++) {
        column.push(grid[x][y]);
        dark += grid[y][x] ? 1 : 0;
        if (x && y && grid[y][x] === grid[y - 1][x] && grid[y][x] === grid[y][x - 1] && grid[y][x] === grid[y - 1][x - 1]) {
          sum += 3;
        }
      }
      sum += linePenalty(column);
    }
    return sum + Math.floor(Math.abs(dark * 100 / (size * size) - 50) / 5) * 10;
  }

  // {modules: rows of booleans without quiet zone, version, mask}; null when the text does not fit or has other letters.
  function encode(text, onlyMask) {
    var version = 0, bits, shape, words, best = null, mask, grid, score;
    for (var i = 0; i < text.length; i++) { if (LETTERS.indexOf(text[i]) < 0) { return null; } }
    bits = bitsOf(text);
    do { version++; shape = VERSIONS[version]; } while (shape && shape[1] * shape[2] * 8 < bits.length);
    if (!shape) { return null; }
    words = interleaved(wordsOf(bits, shape[1] * shape[2]), shape);
    for (mask = 0; mask < 8; mask++) {
      if (onlyMask !== undefined && mask !== onlyMask) { continue; }
      grid = frame(version);
      format(grid, mask);
      fill(grid, words, mask);
      score = penalty(grid);
      if (!best || score < best.score) { best = { modules: grid, version: version, mask: mask, score: score }; }
    }
    return best;
  }

  // An SVG path in a box of size + 4: two modules of the quiet zone, the white page around is the rest of it.
  function path(modules) {
    var out = "";
    for (var y = 0; y < modules.length; y++) {
      for (var x = 0; x < modules.length; x++) {
        if (modules[y][x]) { out += "M" + (x + 2) + " " + (y + 2) + "h1v1h-1z"; }
      }
    }
    return out;
  }

  root.PointsBankQr = { encode: encode, path: path };
})(typeof window === "undefined" ? globalThis : window);
