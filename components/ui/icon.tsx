const paths = {
  "chevron-right": "m6 4 4 4-4 4",
  "chevron-down": "m4 6 4 4 4-4",
  "arrow-right": "M3 8h10M9 4l4 4-4 4",
  link: "M6.5 9.5 9.5 6.5M7.5 4.5 9 3a2.8 2.8 0 0 1 4 4l-1.5 1.5M8.5 11.5 7 13a2.8 2.8 0 0 1-4-4l1.5-1.5",
  copy: "M7 5.500h5a1.500 1.500 0 0 1 1.500 1.500v5a1.500 1.500 0 0 1-1.500 1.500H7A1.500 1.500 0 0 1 5.500 12V7A1.500 1.500 0 0 1 7 5.500M10.500 5.500v-2a1 1 0 0 0-1-1h-6a1 1 0 0 0-1 1v6a1 1 0 0 0 1 1h2",
  check: "m3 8.500 3.500 3.500L13 4.500",
  search: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10M11 11l3 3",
  alert: "M5.500 2.500h5l3 3v5l-3 3h-5l-3-3v-5zM8 5.500v3M8 10.700v.1",
  sun: "M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6M8 1.500v1M8 13.500v1M1.500 8h1M13.500 8h1M3.400 3.400l.7.7M11.900 11.900l.7.7M3.400 12.600l.7-.7M11.900 4.100l.7-.7",
  moon: "M13.500 9.500A6 6 0 0 1 6.500 2.500a6 6 0 1 0 7 7",
  done: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M5.400 8.200l1.900 1.900 3.400-3.900",
  warn: "M8 2.500 14 13.200H2zM8 6.500v3M8 11.300v.1",
  info: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M8 7.500V11M8 5.100v.1",
  close: "m4 4 8 8M12 4l-8 8",
  plus: "M8 3v10M3 8h10",
  menu: "M2.500 5h11M2.500 11h11",
  mail: "M3 3.500h10A1.500 1.500 0 0 1 14.500 5v6a1.500 1.500 0 0 1-1.500 1.500H3A1.500 1.500 0 0 1 1.500 11V5A1.500 1.500 0 0 1 3 3.500M2 4.500l6 4.500 6-4.500",
  eye: "M1.500 8S4 3.500 8 3.500 14.500 8 14.500 8 12 12.500 8 12.500 1.500 8 1.500 8M8 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4",
  "eye-off": "M6.300 3.700A6 6 0 0 1 8 3.500c4 0 6.500 4.500 6.500 4.500a11 11 0 0 1-1.900 2.400M4 5.200A11 11 0 0 0 1.500 8S4 12.500 8 12.500a6 6 0 0 0 3-.8M2.500 2.500l11 11",
  download: "M8 2.500v7.500M4.500 7 8 10.500 11.500 7M3 13.500h10",
  more: "M3.500 8h.1M8 8h.1M12.500 8h.1",
  clock: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M8 5v3.500l2.300 1.300",
  pause: "M5.500 3.500v9M10.500 3.500v9",
  trash: "M3 4.500h10M6.500 4.500V3h3v1.500M4.500 4.500l.6 8.500h5.800l.6-8.500M6.800 7v3.500M9.200 7v3.500",
  undo: "M6 3.500 3 6.500l3 3M3 6.500h6.500a3.500 3.500 0 0 1 0 7H6",
  compare: "M2.500 3h4.500v10H2.500zM9 3h4.500v10H9z",
} as const;

export type IconName = keyof typeof paths;

/** A line drawing on a grid of 16; decoration, so it is hidden from screen readers. */
export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      className="shrink-0"
    >
      <path d={paths[name]} />
    </svg>
  );
}
