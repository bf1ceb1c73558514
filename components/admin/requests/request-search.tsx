"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { Icon } from "@/components/ui/icon";
import { requestsHref } from "@/lib/requests-address.admin";
import { readSearch } from "@/lib/requests-view.admin";

/** Finds calls by an id, whichever kind it is. The slash key leads to the search of a page. */
export function RequestSearch() {
  const router = useRouter();
  const [isWrong, setWrong] = useState(false);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const found = readSearch(String(new FormData(event.currentTarget).get("request_id") ?? ""));
    setWrong(found === null);
    if (found) router.push(requestsHref(found));
  };
  return (
    <form className="request-search" role="search" aria-label="Find a request" onSubmit={submit} noValidate>
      <div className="input" data-invalid={isWrong}>
        <Icon name="search" size={14} />
        <input
          type="search"
          name="request_id"
          aria-label="Request id, or id of a customer or key"
          placeholder="Request id, customer or key"
          autoComplete="off"
          spellCheck={false}
          aria-invalid={isWrong}
          aria-describedby={isWrong ? "search-fault" : undefined}
        />
        <kbd aria-hidden="true">/</kbd>
      </div>
      {isWrong && (
        <p id="search-fault" className="field-error" role="alert">
          Type a whole id: req_…, cus_… or key_….
        </p>
      )}
    </form>
  );
}
