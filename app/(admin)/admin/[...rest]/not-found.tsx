import { NothingHere } from "@/components/admin/shell/nothing-here";

export default function ConsoleNotFound() {
  return <NothingHere />;
}
