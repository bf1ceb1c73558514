/** A figure on held-out cases that has words of its own: the plain word first and the term after it. */
export interface KnownMetric {
  name: string;
  words: string;
  /** After the decimal point. */
  digits: number;
  /** Which way is good; null where it only says how much was measured. */
  good: "high" | "low" | null;
}

/** Figures worth a line of their own, in the order in which they are shown. */
export const knownMetrics: readonly KnownMetric[] = [
  { name: "accuracy", words: "Right answers (accuracy)", digits: 3, good: "high" },
  { name: "top3Accuracy", words: "Right among the first three", digits: 3, good: "high" },
  { name: "rocAuc", words: "Puts cases in the right order (ROC AUC)", digits: 3, good: "high" },
  { name: "precision", words: "Right when it says yes (precision)", digits: 3, good: "high" },
  { name: "recall", words: "Finds of what there is (recall)", digits: 3, good: "high" },
  { name: "logLoss", words: "Cost of wrong certainty (log loss)", digits: 3, good: "low" },
  { name: "calibrationError", words: "Gap between said and seen (calibration error)", digits: 4, good: "low" },
  { name: "mae", words: "Usual error (mean absolute error)", digits: 0, good: "low" },
  { name: "medianAbsolutePercentError", words: "Half of the errors are below, in percent", digits: 1, good: "low" },
  { name: "r2", words: "Explained differences (R²)", digits: 3, good: "high" },
  { name: "intervalCoverage", words: "Cases inside the range it gives", digits: 3, good: null },
  { name: "rows", words: "Unseen cases", digits: 0, good: null },
];
