import type { Role } from "@/lib/contracts/operators.admin";
import { roles } from "@/components/admin/operators/roles";

/** One of the roles, each with what it may do. */
export function RoleField({ chosen }: { chosen: Role }) {
  return (
    <fieldset className="field">
      <legend className="field-label mb-1.5">Role</legend>
      {roles.map(({ role, name, may }) => (
        <label key={role} className="check">
          <input type="radio" name="role" value={role} defaultChecked={role === chosen} />
          {name}
          <span className="text-ink-3">{may}</span>
        </label>
      ))}
    </fieldset>
  );
}

/** The role that a form holds. */
export function readRole(values: FormData): Role {
  const given = values.get("role");
  return roles.find(({ role }) => role === given)?.role ?? "viewer";
}
