import { failBadValue, failLocation } from "../errors";

const POSIX_CLASSES: ReadonlyMap<string, string> = new Map([
  ["alpha", "A-Za-z"],
  ["digit", "0-9"],
  ["alnum", "A-Za-z0-9"],
  ["upper", "A-Z"],
  ["lower", "a-z"],
  ["space", "\\t-\\r "],
  ["blank", "\\t "],
  ["punct", "!-\\/:-@\\[-`\\{-~"],
  ["xdigit", "0-9A-Fa-f"],
  ["word", "A-Za-z0-9_"],
]);

const SAME_ESCAPES = /[dDwWbBnrtfvpPkxu0-9]/;
const FLAG_GROUP = /^\(\?([imsx]+)\)/;
const QUANTIFIER = /^\{\d+(,\d*)?\}/;
const COMMENT_OR_SPACE = /^(#[^\n]*|\s+)/;

/** A pattern in JavaScript's syntax with its flags. */
export interface TranslatedRegex {
  source: string;
  flags: string;
}

/**
 * Turns PCRE syntax, which MongoDB uses, into what JavaScript takes with flag "u". Where the two read the same text
 * differently it is rewritten; what JavaScript cannot express ends in a syntax error, never in another meaning.
 */
export function translateRegex(pattern: string, options: string): TranslatedRegex {
  const flags = new Set<string>();
  for (const option of options) addFlag(flags, option);
  let rest = pattern;
  for (let match = FLAG_GROUP.exec(rest); match; match = FLAG_GROUP.exec(rest)) {
    for (const option of match[1] ?? "") addFlag(flags, option);
    rest = rest.slice(match[0].length);
  }
  const source = new Translator(rest, flags).run();
  return { source, flags: ["i", "s"].filter((flag) => flags.has(flag)).join("") + "u" };
}

function addFlag(flags: Set<string>, option: string): void {
  if (!"imsxu".includes(option)) failLocation(51108, `invalid flag in regex options: ${option}`);
  flags.add(option);
}

class Translator {
  private out = "";
  private at = 0;

  constructor(
    private readonly pattern: string,
    private readonly flags: ReadonlySet<string>,
  ) {}

  run(): string {
    while (this.at < this.pattern.length) this.step();
    return this.out;
  }

  private step(): void {
    const rest = this.pattern.slice(this.at);
    const extended = this.flags.has("x") ? COMMENT_OR_SPACE.exec(rest) : null;
    if (extended) this.emit("", extended[0].length);
    else if (rest.startsWith("\\Q")) this.quote();
    else if (rest.startsWith("\\")) this.escape(false);
    else if (rest.startsWith("[")) this.characterClass();
    else if (rest.startsWith("(?P<")) this.emit("(?<", 4);
    else if (rest.startsWith("$")) this.emit(this.flags.has("m") ? "(?![^\\n])" : "(?=\\n?$)", 1);
    else if (rest.startsWith("^")) this.emit(this.flags.has("m") ? "(?<![^\\n])" : "^", 1);
    else if (rest.startsWith(".")) this.emit(this.flags.has("s") ? "." : "[^\\n]", 1);
    else if (rest.startsWith("{")) this.brace(rest);
    else if (/^[}\]]/.test(rest)) this.emit(`\\${rest.slice(0, 1)}`, 1);
    else this.emit(rest.slice(0, 1), 1);
  }

  private emit(text: string, consumed: number): void {
    this.out += text;
    this.at += consumed;
  }

  private brace(rest: string): void {
    const quantifier = QUANTIFIER.exec(rest)?.[0];
    this.emit(quantifier ?? "\\{", quantifier?.length ?? 1);
  }

  private quote(): void {
    const end = this.pattern.indexOf("\\E", this.at);
    const text = this.pattern.slice(this.at + 2, end < 0 ? undefined : end);
    this.emit(text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"), text.length + (end < 0 ? 2 : 4));
  }

  private escape(inClass: boolean): void {
    const letter = this.pattern.slice(this.at + 1, this.at + 2);
    const space = inClass ? "\\t-\\r " : "[\\t-\\r ]";
    if (letter === "") failLocation(51091, "Regular expression is invalid: \\ at end of pattern");
    if (letter === "s") this.emit(space, 2);
    else if (letter === "S" && !inClass) this.emit("[^\\t-\\r ]", 2);
    else if (letter === "h") this.emit(inClass ? "\\t " : "[\\t ]", 2);
    else if (letter === "A" && !inClass) this.emit("(?<![^])", 2);
    else if (letter === "z" && !inClass) this.emit("(?![^])", 2);
    else if (letter === "Z" && !inClass) this.emit("(?=\\n?(?![^]))", 2);
    else if (letter === "e" || letter === "a") this.emit(letter === "e" ? "\\x1b" : "\\x07", 2);
    else if (SAME_ESCAPES.test(letter)) this.emit(`\\${letter}`, 2);
    else if (/[A-Za-z]/.test(letter)) failLocation(51091, `Regular expression is invalid: \\${letter} is not supported`);
    else this.emit(/[\^$\\.*+?()[\]{}|/-]/.test(letter) ? this.escapeSyntax(letter, inClass) : letter, 2);
  }

  // Flag "u" takes \- only inside a class.
  private escapeSyntax(letter: string, inClass: boolean): string {
    return letter === "-" && !inClass ? "-" : `\\${letter}`;
  }

  private characterClass(): void {
    this.emit("[", 1);
    if (this.pattern[this.at] === "^") this.emit("^", 1);
    if (this.pattern[this.at] === "]") this.emit("\\]", 1);
    while (this.at < this.pattern.length && this.pattern[this.at] !== "]") {
      const posix = /^\[:(\^?)(\w+):\]/.exec(this.pattern.slice(this.at));
      if (posix) this.emit(this.posixClass(posix[1] ?? "", posix[2] ?? ""), posix[0].length);
      else if (this.pattern[this.at] === "\\") this.escape(true);
      else this.emit(this.pattern[this.at] === "[" ? "\\[" : (this.pattern[this.at] ?? ""), 1);
    }
    if (this.at >= this.pattern.length)
      failLocation(51091, "Regular expression is invalid: missing terminating ] for character class");
    this.emit("]", 1);
  }

  private posixClass(negation: string, name: string): string {
    const members = POSIX_CLASSES.get(name);
    if (negation || members === undefined) failBadValue(`Regular expression is invalid: unknown POSIX class name ${name}`);
    return members;
  }
}
