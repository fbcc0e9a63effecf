// react-querybuilder with our own looks for its groups and rules; used for the whole and for filters inside a rule.
import { QueryBuilder, type RuleGroupType } from "react-querybuilder";
import { GroupView } from "./GroupView";
import { RuleView } from "./RuleView";
import { useShared } from "./context";
import { newId } from "./tree";

const FIELDS = [{ name: "any", label: "any" }];
const looks = () => ({ rule: RuleView, ruleGroup: GroupView });
let controls: ReturnType<typeof looks> | undefined;

export function Bare({ query, onChange }: { query: RuleGroupType; onChange: (query: RuleGroupType) => void }) {
  const { data } = useShared();
  controls ??= looks();
  return (
    <QueryBuilder query={query} onQueryChange={onChange as never} controlElements={controls as never} fields={FIELDS} idGenerator={newId}
      disabled={!!data.readOnly} resetOnFieldChange={false} enableMountQueryChange={false} suppressStandardClassnames
      addRuleToNewGroups={false} showNotToggle />
  );
}
