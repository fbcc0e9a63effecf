SELECT
  "p"."customer_id"
FROM customer_profiles AS p
WHERE
  (
    NOT "p"."customer_id" IN (
      SELECT
        customer_id
      FROM list_members
      WHERE
        list_key = $p0
    )
    AND NOT "p"."customer_id" IN (
      SELECT
        customer_id
      FROM list_members
      WHERE
        list_key = $p1
    )
  )
-- $p0 = 'spring-2026'
-- $p1 = 'vip'
