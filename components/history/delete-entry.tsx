"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { askToDelete, DeleteForm } from "@/components/history/delete-form";
import { Dialog } from "@/components/ui/dialog";
import { Icon } from "@/components/ui/icon";

/** Deletes the prediction that a page is about, and leaves the page. */
export function DeleteEntry({ id }: { id: string }) {
  const router = useRouter();
  const [asking, setAsking] = useState(false);
  const close = () => setAsking(false);
  const leave = () => {
    router.push("/history");
    router.refresh();
  };
  return (
    <>
      <button type="button" className="btn btn-careful" onClick={() => setAsking(true)}>
        <Icon name="trash" />
        Delete
      </button>
      <Dialog open={asking} title={askToDelete(1)} onClose={close}>
        {asking && <DeleteForm ids={[id]} onCancel={close} onDeleted={leave} />}
      </Dialog>
    </>
  );
}
