import "server-only";

const EXPORT_TORCH = 'Export the model with torch.onnx.export(model, example, "model.onnx") and upload that file.';
const EXPORT_KERAS = "Convert the model with tf2onnx (python -m tf2onnx.convert … --output model.onnx) and upload that file.";
const EXPORT_SKLEARN = "Convert the fitted pipeline with skl2onnx.to_onnx(pipeline, X[:1]) and upload the file it writes.";
const EXPORT_BOOST = "Convert the model with onnxmltools and upload the file it writes.";
const EXPORT_ANY = "Upload the .onnx file of the model itself.";

interface Signature {
  /** Hexadecimal. */
  begins: string;
  /** Where it stands. */
  at?: number;
  is: string;
  remedy: string;
}

/** How files begin that people take for models. */
const signatures: readonly Signature[] = [
  { begins: "8002", is: "a Python pickle", remedy: EXPORT_SKLEARN },
  { begins: "8003", is: "a Python pickle", remedy: EXPORT_SKLEARN },
  { begins: "8004", is: "a Python pickle", remedy: EXPORT_SKLEARN },
  { begins: "8005", is: "a Python pickle", remedy: EXPORT_SKLEARN },
  { begins: "789c", is: "a compressed pickle, as joblib writes it,", remedy: EXPORT_SKLEARN },
  { begins: "504b0304", is: "a ZIP archive (a PyTorch checkpoint, a .keras file or packed files)", remedy: EXPORT_TORCH },
  { begins: "894844460d0a1a0a", is: "an HDF5 file, as Keras writes it,", remedy: EXPORT_KERAS },
  { begins: "54464c33", at: 4, is: "a TensorFlow Lite model", remedy: EXPORT_KERAS },
  { begins: "4f52544d", at: 4, is: "a model in ONNX Runtime's own format (.ort)", remedy: "Upload the .onnx file it was made from." },
  { begins: "47475546", is: "a GGUF file of a language model", remedy: "Only models in the ONNX format can be shown." },
  { begins: "934e554d5059", is: "a NumPy array", remedy: EXPORT_ANY },
  { begins: "50415231", is: "a Parquet file", remedy: EXPORT_ANY },
  { begins: "1f8b", is: "a gzip archive", remedy: "Unpack it and upload the .onnx file in it." },
  { begins: "377abcaf271c", is: "a 7-Zip archive", remedy: "Unpack it and upload the .onnx file in it." },
  { begins: "89504e470d0a1a0a", is: "a PNG image", remedy: EXPORT_ANY },
  { begins: "ffd8ff", is: "a JPEG image", remedy: EXPORT_ANY },
  { begins: "47494638", is: "a GIF image", remedy: EXPORT_ANY },
  { begins: "25504446", is: "a PDF document", remedy: EXPORT_ANY },
  { begins: "7f454c46", is: "a program", remedy: EXPORT_ANY },
];

const textKinds: readonly { begins: RegExp; is: string; remedy: string }[] = [
  {
    begins: /^version https:\/\/git-lfs/,
    is: "a pointer of Git LFS: the model itself was not fetched",
    remedy: "Run git lfs pull where you took the file from, and upload it again.",
  },
  {
    begins: /^\s*<(!doctype|html)/i,
    is: "a web page",
    remedy: "The download gave a page in place of the file. Download the .onnx file again.",
  },
  { begins: /^\s*<(\?xml|pmml)/i, is: "an XML file (PMML perhaps)", remedy: "Export the model as ONNX from the tool that made it." },
  { begins: /^tree\n/, is: "a LightGBM model as text", remedy: EXPORT_BOOST },
  { begins: /^\s*\{"learner"/, is: "an XGBoost model as JSON", remedy: EXPORT_BOOST },
  { begins: /^\s*[[{]/, is: "a JSON file", remedy: EXPORT_ANY },
];

function looksLikeText(start: Buffer): boolean {
  return start.length > 0 && start.every((byte) => byte >= 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d);
}

/** Safetensors begin with the length of their JSON head. */
function isSafetensors(bytes: Buffer): boolean {
  return bytes.length > 9 && bytes[8] === 0x7b && bytes.readBigUInt64LE(0) < BigInt(bytes.length);
}

/** What a file is that is no ONNX file, by how it begins, with what to do; null when it may be one. */
export function recogniseOther(file: Uint8Array): string | null {
  if (file.length === 0) return `The file is empty. ${EXPORT_ANY}`;
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const known = signatures.find(({ begins, at = 0 }) => bytes.subarray(at, at + begins.length / 2).toString("hex") === begins);
  if (known) return `This is ${known.is}, not an ONNX file. ${known.remedy}`;
  if (isSafetensors(bytes)) return `This is a safetensors file: weights without a model, not an ONNX file. ${EXPORT_TORCH}`;
  const start = bytes.subarray(0, 512);
  if (looksLikeText(start)) {
    const kind = textKinds.find(({ begins }) => begins.test(start.toString("latin1")));
    return kind ? `This is ${kind.is}, not an ONNX file. ${kind.remedy}` : `This is a text file, not an ONNX file. ${EXPORT_ANY}`;
  }
  if (start.every((byte) => byte === 0))
    return "The file begins with nothing but zeros: it was not written to the end. Export the model again and upload the new file.";
  return null;
}

/** The sentence for a file that is not a whole protobuf message. An ONNX file begins with its IR version. */
export function tellBroken(file: Uint8Array): string {
  const beginsAsModel = file[0] === 0x08 && (file[1] ?? 0xff) < 0x40;
  if (beginsAsModel)
    return "The file begins as an ONNX file does, but it is cut off or damaged. Copy or export it again and upload the whole file.";
  return `This is not an ONNX file, or its beginning is damaged. ${EXPORT_ANY} It is what skl2onnx, torch.onnx or tf2onnx write.`;
}
