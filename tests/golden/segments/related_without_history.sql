SELECT
  "p"."customer_id"
FROM customer_profiles AS p
WHERE
  "p"."customer_id" IN (
    SELECT
      customer_id
    FROM dim_contacts
    WHERE
      NOT customer_id IS NULL AND "has_valid_power_of_attorney" = $p0
  )
-- $p0 = True
