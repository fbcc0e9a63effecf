SELECT
  "p"."customer_id"
FROM customer_profiles AS p
WHERE
  "p"."customer_id" IN (
    SELECT
      customer_id
    FROM list_members
    WHERE
      list_key = $p0
  )
-- $p0 = 'vip'
